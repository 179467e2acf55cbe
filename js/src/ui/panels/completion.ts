// Emoji suggestions while a name is typed after a colon.

import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type { Emoji, EmojiIndex } from "../../chunks/types.ts";
import { type Change, insertAt } from "../compose.ts";
import { noModifier } from "../dom.ts";
import { habits, noteUse } from "../emoji-habits.ts";
import { type Asked, askedEmoji } from "../emoji-text.ts";
import type { Lazy } from "../lazy.ts";
import { applyChange } from "./change.ts";

const MAX_ROWS = 8;
const MOVES: ReadonlySet<string> = new Set(["ArrowLeft", "ArrowRight", "Home", "End"]);

export const LIST_ID = "jc-suggestions";
export const rowId = (index: number): string => `${LIST_ID}-${index}`;

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

  /** Ids of the list and of its row that Enter takes, while it is open. */
  get listId(): string | undefined {
    return this.isOpen ? LIST_ID : undefined;
  }

  get activeId(): string | undefined {
    return this.isOpen ? rowId(this.active.value) : undefined;
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

  /** Whether the key was for the open list. */
  onKey(event: KeyboardEvent, field: HTMLTextAreaElement): boolean {
    if (!this.isOpen) return false;
    if (MOVES.has(event.key)) this.close(); // the caret goes elsewhere
    if (!this.isOpen || !noModifier(event) || event.shiftKey) return false;
    switch (event.key) {
      case "ArrowUp":
      case "ArrowDown":
        this.move(event.key === "ArrowUp" ? -1 : 1);
        return true;
      case "Enter":
      case "Tab": {
        const change = this.take(this.active.peek(), field.selectionStart);
        if (change !== null) applyChange(field, change);
        return true;
      }
      case "Escape":
        this.close();
        return true;
      default:
        return false;
    }
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
