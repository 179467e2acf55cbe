// Deletions that can still be undone: hidden at once, asked of the server when the time is over.

import { type ReadonlySignal, type Signal, signal } from "@preact/signals-core";
import type { Clock } from "../clock.ts";

const UNDO_MS = 6_000;

export class Deletions {
  readonly #clock: Clock;
  readonly #redact: (seq: number) => void;
  readonly #deadlines: Signal<ReadonlyMap<number, number>> = signal(new Map());
  readonly #timers = new Map<number, () => void>();

  constructor(clock: Clock, redact: (seq: number) => void) {
    this.#clock = clock;
    this.#redact = redact;
  }

  get deadlines(): ReadonlySignal<ReadonlyMap<number, number>> {
    return this.#deadlines;
  }

  /** Asked again, the time begins anew. */
  soon(seq: number): void {
    this.#timers.get(seq)?.();
    this.#timers.set(
      seq,
      this.#clock.after(UNDO_MS, () => this.#carryOut(seq)),
    );
    const deadline = this.#clock.now() + UNDO_MS;
    this.#deadlines.value = new Map(this.#deadlines.peek()).set(seq, deadline);
  }

  undo(seq: number): void {
    this.#timers.get(seq)?.();
    this.#timers.delete(seq);
    const left = new Map(this.#deadlines.peek());
    if (left.delete(seq)) this.#deadlines.value = left;
  }

  /** The page goes: nothing can be undone any more. */
  flush(): void {
    for (const seq of [...this.#timers.keys()]) this.#carryOut(seq);
  }

  forget(): void {
    for (const seq of [...this.#timers.keys()]) this.undo(seq);
  }

  #carryOut(seq: number): void {
    this.#redact(seq); // first, so that the message is never seen in between
    this.undo(seq);
  }
}
