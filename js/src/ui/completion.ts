// Emoji suggestions while a name is typed after a colon.

import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type { Emoji, EmojiIndex } from "../chunks/types.ts";
import { type Change, insertAt } from "./compose.ts";
import { habits, noteUse } from "./emoji-habits.ts";
import { type Asked, askedEmoji } from "./emoji-text.ts";
import type { Lazy } from "./lazy.ts";

const MAX_ROWS = 8;

export class Completion {
  readonly items: ReadonlySignal<readonly Emoji[]>;
  /** Index of the row that Enter takes. */
  readonly active = signal(0);
  readonly #asked = signal<Asked | null>(null);
  readonly #emoji: Lazy<EmojiIndex>;

  constructor(emoji: Lazy<EmojiIndex>) {
    this.#emoji = emoji;
    this.items = computed(() => {
      const asked = this.#asked.value;
      return asked === null ? [] : emoji.value.value.search(asked.query).slice(0, MAX_ROWS);
    });
  }

  get isOpen(): boolean {
    return this.items.value.length > 0;
  }

  /** Follows the text before the caret. */
  follow(text: string, caret: number): void {
    const asked = askedEmoji(text, caret);
    if (asked !== null) this.#emoji.want();
    if (asked?.query !== this.#asked.peek()?.query) this.active.value = 0;
    this.#asked.value = asked;
  }

  close(): void {
    this.#asked.value = null;
  }

  move(step: -1 | 1): void {
    const count = this.items.peek().length;
    this.active.value = (this.active.peek() + step + count) % count;
  }

  /** The change that puts the chosen emoji in place of what was typed. */
  take(index: number, caret: number): Change | null {
    const asked = this.#asked.peek();
    const item = this.items.peek()[index];
    if (asked === null || item === undefined) return null;
    const emoji = toned(item, habits.peek().tone);
    noteUse(emoji);
    this.close();
    return insertAt({ text: "", start: asked.start, end: caret }, `${emoji} `);
  }
}

/** The emoji in the chosen skin tone, if it has them. */
export function toned(emoji: Emoji, tone: number): string {
  return tone === 0 ? emoji.emoji : (emoji.tones[tone - 1] ?? emoji.emoji);
}
