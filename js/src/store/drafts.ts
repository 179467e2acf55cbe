// What is being written, a message or edits of some, kept in the browser for one person, server and
// conversation. A page takes away only the draft that it kept itself: another page's, in the same
// place, is not its to end [UI21].

import { effect, type Signal, signal } from "@preact/signals-core";
import type { Clock } from "../clock.ts";
import type { TextStorage } from "../storage.ts";

const KEEP_AFTER_MS = 300;

/** By the seq of the message that is edited, or the command of one that is not sent yet. */
export class KeptEdits {
  readonly #storage: TextStorage;
  readonly #texts = new Map<number | string, string>(); // the browser may not keep them
  #key = "";

  constructor(storage: TextStorage) {
    this.#storage = storage;
  }

  bind(key: string): void {
    if (this.#key !== "") this.#texts.clear(); // they are another person's
    this.#key = `${key}:`;
  }

  get(id: number | string): string | null {
    return this.#texts.get(id) ?? this.#storage.getItem(this.#key + id);
  }

  set(id: number | string, text: string): void {
    this.#texts.set(id, text);
    this.#storage.setItem(this.#key + id, text);
  }

  delete(id: number | string): void {
    this.#texts.delete(id);
    this.#storage.removeItem(this.#key + id);
  }
}

export class Draft {
  readonly text: Signal<string> = signal("");
  readonly edits: KeptEdits;
  readonly #clock: Clock;
  readonly #storage: TextStorage;
  readonly #stop: () => void;
  #key: string | null = null; // null until it is known who writes
  #kept = "";
  #isOwn = false; // written here, not only found
  #cancelTimer: (() => void) | null = null;

  constructor(clock: Clock, storage: TextStorage) {
    this.#clock = clock;
    this.#storage = storage;
    this.edits = new KeptEdits(storage);
    this.#stop = effect(() => {
      void this.text.value;
      this.#keepSoon();
    });
  }

  /**
   * Says where to keep it. What is there already comes back, unless something was written
   * before it was known who writes. What one person wrote is not the next one's.
   */
  bind(key: string): void {
    if (key === this.#key) return;
    this.flush();
    this.edits.bind(key);
    const isFirst = this.#key === null;
    this.#key = key;
    this.#isOwn = false;
    this.#kept = this.#storage.getItem(key) ?? "";
    if (isFirst && this.text.peek() !== "") this.#keepSoon();
    else this.text.value = this.#kept;
  }

  flush(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    const key = this.#key;
    const text = this.text.peek();
    if (key === null) return;
    this.#isOwn ||= text !== this.#kept;
    if (!this.#isOwn) return;
    if (text !== "") this.#storage.setItem(key, text);
    else if (this.#storage.getItem(key) === this.#kept) this.#storage.removeItem(key);
    this.#kept = text;
  }

  close(): void {
    this.flush();
    this.#stop();
  }

  #keepSoon(): void {
    this.#cancelTimer ??= this.#clock.after(KEEP_AFTER_MS, () => this.flush());
  }
}
