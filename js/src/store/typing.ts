// Who is typing: others until they stop or fall silent, and what is told of me.

import { type ReadonlySignal, type Signal, signal } from "@preact/signals-core";
import type { Clock } from "../clock.ts";
import type { Ephemeral } from "../protocol/types.generated.ts";

const REPEAT_MS = 3_000;
const PAUSE_MS = 5_000;

export class Typing {
  readonly others: OthersTyping;
  readonly own: OwnTyping;

  constructor(clock: Clock, tell: (active: boolean) => boolean) {
    this.others = new OthersTyping(clock);
    this.own = new OwnTyping(clock, tell);
  }

  heard({ member, active, ttl_s }: Ephemeral, me: string | undefined): void {
    if (member === me) return;
    if (active) this.others.started(member, ttl_s);
    else this.others.stopped(member);
  }

  disconnected(): void {
    this.others.clear();
    this.own.forget();
  }
}

class OthersTyping {
  readonly #clock: Clock;
  readonly #members: Signal<readonly string[]> = signal([]);
  readonly #expiries = new Map<string, () => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get members(): ReadonlySignal<readonly string[]> {
    return this.#members;
  }

  /** In the order in which they began. */
  started(member: string, ttlS: number): void {
    this.#expiries.get(member)?.();
    this.#expiries.set(
      member,
      this.#clock.after(ttlS * 1000, () => this.stopped(member)),
    );
    if (!this.#members.peek().includes(member)) {
      this.#members.value = [...this.#members.peek(), member];
    }
  }

  stopped(member: string): void {
    const cancel = this.#expiries.get(member);
    if (cancel === undefined) return;
    cancel();
    this.#expiries.delete(member);
    this.#members.value = this.#members.peek().filter((other) => other !== member);
  }

  clear(): void {
    for (const member of [...this.#expiries.keys()]) this.stopped(member);
  }
}

class OwnTyping {
  readonly #clock: Clock;
  readonly #tell: (active: boolean) => boolean;
  #toldAt: number | null = null; // null: others don't think that I type
  #cancelPause = () => {};

  constructor(clock: Clock, tell: (active: boolean) => boolean) {
    this.#clock = clock;
    this.#tell = tell;
  }

  now(active: boolean): void {
    this.#cancelPause();
    if (!active) {
      if (this.#toldAt !== null) this.#tell(false);
      this.#toldAt = null;
      return;
    }
    this.#cancelPause = this.#clock.after(PAUSE_MS, () => this.now(false));
    const now = this.#clock.now();
    if (this.#toldAt !== null && now - this.#toldAt < REPEAT_MS) return;
    if (this.#tell(true)) this.#toldAt = now;
  }

  /** Others drop it by themselves: my message came, or my connection went. */
  forget(): void {
    this.#cancelPause();
    this.#toldAt = null;
  }
}
