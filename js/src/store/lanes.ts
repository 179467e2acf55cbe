// The lanes in which commands go out, one under way in each, at the pace of the server. Must not
// know whose turn it is to send, or what else becomes of a command.

import { type ReadonlySignal, signal } from "@preact/signals-core";
import type { Clock } from "../clock.ts";
import type { ClientCommand, Limits } from "../protocol/types.generated.ts";
import { bytesOf, LANES, type Lane, laneOf, NO_ANSWER } from "./outbox-item.ts";
import type { OutboxItem } from "./outbox-storage.ts";
import type { Waiting } from "./waiting.ts";

const ANSWER_MS = 15_000;
const AS_LONG_MS = 1_000; // what was written in one go counts as written at once
const SLOW_MARGIN_MS = 20; // the server's clock and ours round differently

export const TOO_LONG = "The message is too long to send.";

export interface LanesOptions {
  readonly clock: Clock;
  readonly limits: () => Limits;
  /** False if there is no connection. */
  readonly send: (command: ClientCommand) => boolean;
  readonly waiting: Waiting;
  /** Not to be sent for now, nor what is behind it in its lane. */
  readonly isHeld: (commandId: string) => boolean;
  readonly fail: (item: OutboxItem, reason: string) => void;
  /** More may be sent now. */
  readonly advance: () => void;
}

export class Lanes {
  readonly #options: LanesOptions;
  readonly #slowUntil = signal(0);
  readonly #held = new Map<Lane, () => void>(); // each with what cancels its end
  readonly #timers = new Map<Lane, () => void>();

  constructor(options: LanesOptions) {
    this.#options = options;
  }

  /** Ms since the epoch until which the server holds my posts back; 0 if it does not. */
  get slowUntil(): ReadonlySignal<number> {
    return this.#slowUntil;
  }

  fits({ command }: OutboxItem): boolean {
    return bytesOf(command) <= this.#options.limits().frame_bytes;
  }

  /** Sends what is next in each. */
  flush(): void {
    for (const lane of LANES) this.#flush(lane);
  }

  /** For so long by a timer: the clock may be set meanwhile. */
  hold(item: OutboxItem, retryAfterS: number): void {
    const { clock, waiting, advance } = this.#options;
    const lane = laneOf(item.command);
    const ms = retryAfterS * 1000 + SLOW_MARGIN_MS;
    if (item.state.at !== "discarded") {
      waiting.set({ ...item, inDoubt: false, state: { at: "queued" } });
    }
    if (lane === "post") this.#slowUntil.value = clock.now() + ms;
    this.#held.get(lane)?.();
    const release = (): void => {
      this.#held.delete(lane);
      if (lane === "post") this.#slowUntil.value = 0;
      advance();
    };
    this.#held.set(lane, clock.after(ms, release));
  }

  stopWaitingFor({ command, state }: OutboxItem): void {
    if (state.at === "sent") this.#cancelTimer(laneOf(command));
  }

  /** No answer can come any more. */
  stop(): void {
    for (const lane of [...this.#timers.keys()]) this.#cancelTimer(lane);
  }

  #flush(lane: Lane): void {
    if (this.#held.has(lane)) return;
    const items = this.#all().filter((item) => laneOf(item.command) === lane);
    if (items.some((item) => item.state.at === "sent")) return;
    const next = items.find((item) => item.state.at === "queued");
    if (next === undefined || this.#options.isHeld(next.command.command_id)) return;
    this.#transmit(next, lane);
  }

  #transmit(item: OutboxItem, lane: Lane): void {
    const { waiting, send, fail, advance } = this.#options;
    if (!this.fits(item)) {
      fail(item, TOO_LONG);
      return advance();
    }
    if (!send(item.command)) return;
    waiting.settle({ ...item, state: { at: "sent" } }); // whoever has it next is in doubt
    const id = item.command.command_id;
    this.#setTimer(lane, ANSWER_MS, () => {
      const late = waiting.find(id);
      if (late?.state.at !== "sent") return;
      this.#failWaiting(lane);
      fail({ ...late, inDoubt: true }, NO_ANSWER);
      advance();
    });
  }

  /** Those that waited behind an unanswered one for as long. */
  #failWaiting(lane: Lane): void {
    const before = this.#options.clock.now() - ANSWER_MS + AS_LONG_MS;
    for (const item of this.#all()) {
      const isNext = item.state.at === "queued" && laneOf(item.command) === lane;
      if (isNext && item.createdAt <= before) this.#options.fail(item, NO_ANSWER);
    }
  }

  #all(): readonly OutboxItem[] {
    return this.#options.waiting.items.peek();
  }

  #setTimer(lane: Lane, ms: number, run: () => void): void {
    this.#cancelTimer(lane);
    this.#timers.set(lane, this.#options.clock.after(ms, run));
  }

  #cancelTimer(lane: Lane): void {
    this.#timers.get(lane)?.();
    this.#timers.delete(lane);
  }
}
