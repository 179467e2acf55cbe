// Older messages, a page at a time. Entries that aim at a message of a page on its way are kept
// until it is here: whichever the server read first, the page ends up the same.

import { type ReadonlySignal, type Signal, signal } from "@preact/signals-core";
import type { Entry, Message, Page } from "../protocol/types.generated.ts";
import { type Change, changeIn, isChange } from "./fold.ts";
import type { Older } from "./types.ts";

export class History {
  readonly #ask: (before: number) => boolean;
  readonly #older: Signal<Older> = signal("idle");
  #before: number | null = null;
  #missed: Change[] = [];

  constructor(ask: (before: number) => boolean) {
    this.#ask = ask;
  }

  get older(): ReadonlySignal<Older> {
    return this.#older;
  }

  /** The cursor for what is older than the window; null for nothing. */
  get before(): number | null {
    return this.#before;
  }

  /** The window begins anew; `before` is the cursor for what is older, null for nothing. */
  begin(before: number | null): void {
    this.#before = before;
    this.#missed = [];
    this.#older.value = before === null ? "none" : "idle";
  }

  load(): void {
    if (this.#before === null || this.#older.peek() === "loading") return;
    this.#older.value = this.#ask(this.#before) ? "loading" : "failed";
  }

  /** Asks for older ones, a page at a time, if some after this one are not here. */
  reach(after: number): void {
    if ((this.#before ?? 0) > after + 1) this.load();
  }

  /** An entry that may aim at a message of the page on its way, if not at one that is here. */
  heard(entry: Entry, here: ReadonlyMap<number, Message>): void {
    if (this.#older.peek() !== "loading" || !isChange(entry)) return;
    if (!here.has(entry.body.target)) this.#missed.push(entry);
  }

  failed(): void {
    if (this.#older.peek() === "loading") this.#older.value = "failed";
    this.#missed = [];
  }

  /** Connected again: it can be tried without being asked. */
  reopen(): void {
    if (this.#older.peek() === "failed") this.#older.value = "idle";
  }

  /** The page's messages as they stand now; none if no page was asked for. */
  arrived(page: Page): ReadonlyMap<number, Message> {
    if (this.#older.peek() !== "loading") return new Map();
    const messages = new Map(page.messages.map((message) => [message.seq, message]));
    for (const entry of this.#missed) changeIn(messages, entry);
    this.begin(page.before);
    return messages;
  }
}
