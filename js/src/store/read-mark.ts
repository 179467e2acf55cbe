// How far I have read: moves forward only, at once here and in this browser, and at most once a
// second to the server.

import { type ReadonlySignal, signal } from "@preact/signals-core";
import type { Clock } from "../clock.ts";
import type { TextStorage } from "../storage.ts";

const EVERY_MS = 1_000;

export interface ReadMarkOptions {
  readonly clock: Clock;
  readonly storage: TextStorage;
  readonly tell: (seq: number) => boolean;
}

export class ReadMark {
  readonly #options: ReadMarkOptions;
  readonly #seq = signal(0);
  #key = "";
  #greeted = 0; // what the last welcome said
  #told = 0;
  #isWaiting = false;

  constructor(options: ReadMarkOptions) {
    this.#options = options;
  }

  get seq(): ReadonlySignal<number> {
    return this.#seq;
  }

  /** One person's, in one log: the server may not have been told of all that this browser knows. */
  bind(key: string): void {
    if (key === this.#key) return;
    this.#key = key;
    this.#told = 0;
    this.#seq.value = this.#kept();
  }

  /** The mark as of a new connection. */
  greeted(seq: number): void {
    this.#greeted = seq;
    this.heard(seq);
  }

  /** The server has this mark, from here or from another page of mine. */
  heard(seq: number): void {
    this.#told = Math.max(this.#told, seq);
    this.#raise(seq);
  }

  mark(seq: number): void {
    if (seq <= this.#seq.peek()) return;
    this.#raise(seq);
    if (!this.#isWaiting) this.#tellAndWait();
  }

  /** Tells what is not told yet, now. */
  flush(): void {
    const seq = this.#seq.peek();
    if (seq > this.#told && this.#options.tell(seq)) this.#told = seq;
  }

  /** Another log: only what the server says counts. */
  forget(): void {
    this.#told = this.#greeted;
    this.#seq.value = this.#greeted;
    this.#options.storage.removeItem(this.#key);
  }

  #raise(seq: number): void {
    this.#seq.value = Math.max(this.#seq.peek(), seq);
    if (seq > this.#kept()) this.#options.storage.setItem(this.#key, `${seq}`);
  }

  #kept(): number {
    return Number(this.#options.storage.getItem(this.#key));
  }

  #tellAndWait(): void {
    this.flush();
    this.#isWaiting = true;
    this.#options.clock.after(EVERY_MS, () => {
      this.#isWaiting = false;
      if (this.#seq.peek() > this.#told) this.#tellAndWait();
    });
  }
}
