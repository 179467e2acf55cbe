// How far I have read: moves forward only, at once here and at most once a second to the server.

import { type ReadonlySignal, signal } from "@preact/signals-core";
import type { Clock } from "../clock.ts";

const EVERY_MS = 1_000;

export class ReadMark {
  readonly #clock: Clock;
  readonly #tell: (seq: number) => boolean;
  readonly #seq = signal(0);
  #greeted = 0; // what the last welcome said
  #told = 0;
  #isWaiting = false;

  constructor(clock: Clock, tell: (seq: number) => boolean) {
    this.#clock = clock;
    this.#tell = tell;
  }

  get seq(): ReadonlySignal<number> {
    return this.#seq;
  }

  /** The mark as of a new connection. */
  greeted(seq: number): void {
    this.#greeted = seq;
    this.heard(seq);
  }

  /** The server has this mark, from here or from another page of mine. */
  heard(seq: number): void {
    this.#told = Math.max(this.#told, seq);
    this.#seq.value = Math.max(this.#seq.peek(), seq);
  }

  mark(seq: number): void {
    if (seq <= this.#seq.peek()) return;
    this.#seq.value = seq;
    if (!this.#isWaiting) this.#tellAndWait();
  }

  /** Tells what is not told yet, now. */
  flush(): void {
    const seq = this.#seq.peek();
    if (seq > this.#told && this.#tell(seq)) this.#told = seq;
  }

  /** Another log, or another person: only what the server says counts. */
  forget(): void {
    this.#told = this.#greeted;
    this.#seq.value = this.#greeted;
  }

  #tellAndWait(): void {
    this.flush();
    this.#isWaiting = true;
    this.#clock.after(EVERY_MS, () => {
      this.#isWaiting = false;
      if (this.#seq.peek() > this.#told) this.#tellAndWait();
    });
  }
}
