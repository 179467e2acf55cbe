// Deletions that can still be undone: hidden at once, carried out when the time is over. What is not
// sent yet is held back meanwhile.

import { type ReadonlySignal, type Signal, signal } from "@preact/signals-core";
import type { Clock } from "../clock.ts";

const UNDO_MS = 6_000;

/** A message's seq, or the command of one that is not sent. */
export type MessageId = number | string;

interface Target {
  hold(commandId: string, by: 1 | -1): void;
  discard(id: MessageId): void;
}

export class Deletions {
  readonly #clock: Clock;
  readonly #target: Target;
  readonly #deadlines: Signal<ReadonlyMap<MessageId, number>> = signal(new Map());
  readonly #timers = new Map<MessageId, () => void>();

  constructor(clock: Clock, target: Target) {
    this.#clock = clock;
    this.#target = target;
  }

  /** Those that were asked for at once have the same one. */
  get deadlines(): ReadonlySignal<ReadonlyMap<MessageId, number>> {
    return this.#deadlines;
  }

  /** Asked again, the time begins anew. */
  soon(ids: readonly MessageId[]): void {
    const deadlines = new Map(this.#deadlines.peek());
    const deadline = this.#clock.now() + UNDO_MS;
    for (const id of ids) {
      if (!this.#timers.has(id)) this.#hold(id, 1);
      this.#timers.get(id)?.();
      this.#timers.set(
        id,
        this.#clock.after(UNDO_MS, () => this.#carryOut(id)),
      );
      deadlines.set(id, deadline);
    }
    this.#deadlines.value = deadlines;
  }

  undo(ids: readonly MessageId[]): void {
    const left = new Map(this.#deadlines.peek());
    for (const id of ids) {
      this.#timers.get(id)?.();
      this.#timers.delete(id);
      if (left.delete(id)) this.#hold(id, -1);
    }
    this.#deadlines.value = left;
  }

  /** What was not sent is stored as `seq`. */
  stored(commandId: string, seq: number): void {
    if (!this.#timers.has(commandId)) return;
    this.undo([commandId]);
    this.soon([seq]);
  }

  /** The page goes: nothing can be undone any more. */
  flush(): void {
    for (const id of [...this.#timers.keys()]) this.#carryOut(id);
  }

  forget(): void {
    this.undo([...this.#timers.keys()]);
  }

  #carryOut(id: MessageId): void {
    this.#target.discard(id); // first, so that the message is never seen in between
    this.undo([id]);
  }

  #hold(id: MessageId, by: 1 | -1): void {
    if (typeof id === "string") this.#target.hold(id, by);
  }
}
