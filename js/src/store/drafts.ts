// What is being written, a message or edits of some, kept in the browser for one person, server and
// conversation. A page takes away only the draft that it kept itself: another page's, in the same
// place, is not its to end [UI21].

import { effect, type Signal, signal } from "@preact/signals-core";
import type { Clock } from "../clock.ts";
import type { TextStorage } from "../storage.ts";

const KEEP_AFTER_MS = 300;

/** The text of one edit: of this person and this log, whatever is shown while it goes on. */
export interface KeptEdit {
  get(): string | null;
  set(text: string): void;
  delete(): void;
}

export class KeptEdits {
  readonly #storage: TextStorage;
  readonly #texts = new Map<string, string>(); // the browser may not keep them
  #key = "";
  #epoch: string | undefined;

  constructor(storage: TextStorage) {
    this.#storage = storage;
  }

  bind(key: string, epoch: string | undefined): void {
    this.#key = key;
    this.#epoch = epoch;
  }

  /** Of the message of that seq, in the log of now, or of one that is not sent, by its command. */
  of(id: number | string): KeptEdit {
    const [texts, storage] = [this.#texts, this.#storage];
    const place = `${this.#key}:${typeof id === "number" ? `${this.#epoch}:${id}` : id}`;
    return {
      get: () => texts.get(place) ?? storage.getItem(place),
      set(text) {
        texts.set(place, text);
        storage.setItem(place, text);
      },
      delete() {
        texts.delete(place);
        storage.removeItem(place);
      },
    };
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
  bind(key: string, epoch: string | undefined): void {
    this.edits.bind(key, epoch);
    if (key === this.#key) return;
    this.flush();
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
