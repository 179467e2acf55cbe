// The message list of one view: which rows it shows, where the unread divider stands, which row
// has the focus. Must not know the DOM: moving the view is asked of a `Mover`.

import { computed, type ReadonlySignal, signal } from "@preact/signals";
import type { ConversationStore, ShownMessage } from "../store/conversation.ts";
import {
  buildRows,
  countUnread,
  type Divider,
  firstUnread,
  type Row,
  withoutDeleted,
} from "./rows.ts";
import * as spans from "./span.ts";

/** What moves the view; the list component provides it. */
export interface Mover {
  toEnd(): void;
  /** Puts a row's top at one third of the view, once it is drawn. */
  toRow(key: string): void;
  /** Focuses a row, once it is drawn. */
  focusRow(key: string): void;
  /** Scrolls by one view and focuses a message there. */
  page(direction: -1 | 1): void;
}

export class ListModel {
  readonly divider = signal<Divider | null>(null);
  /** Keys of the rows under the pointer, with the focus, and last with the focus. */
  readonly hot = signal<string | null>(null);
  readonly focused = signal<string | null>(null);
  readonly current = signal<string | null>(null);
  /** Key of the row that is tinted because someone jumped to it. */
  readonly tinted = signal<string | null>(null);
  readonly atEnd = signal(true);
  readonly farFromEnd = signal(false);
  readonly dividerAbove = signal(false);
  mover: Mover | null = null;

  readonly messages: ReadonlySignal<readonly ShownMessage[]>;
  readonly bySeq: ReadonlySignal<ReadonlyMap<number, ShownMessage>>;
  readonly rows: ReadonlySignal<readonly Row[]>;
  readonly unreadAtOpening: ReadonlySignal<number>;
  readonly hasAbove: ReadonlySignal<boolean>;
  readonly hasBelow: ReadonlySignal<boolean>;
  /** Key of the row that Tab reaches: the last one focused, else the newest. */
  readonly stop: ReadonlySignal<string | null>;

  readonly #store: ConversationStore;
  readonly #span = signal<spans.Span>(spans.newest([]));
  readonly #seqs: ReadonlySignal<readonly number[]>;

  constructor(store: ConversationStore) {
    this.#store = store;
    this.messages = computed(() => withoutDeleted(store.messages.value, store.deleting.value));
    this.#seqs = computed(() => seqsOf(this.messages.value));
    this.bySeq = computed(() => indexBySeq(store.messages.value));
    this.rows = computed(() => this.#buildRows());
    this.unreadAtOpening = computed(() => this.#countDivided());
    this.hasAbove = computed(() => spans.hasAbove(this.#span.value, this.#seqs.value));
    this.hasBelow = computed(() => spans.hasBelow(this.#span.value, this.#seqs.value));
    this.stop = computed(() => {
      const keys = this.rows.value.flatMap((row) => (row.kind === "message" ? [row.key] : []));
      const wanted = this.current.value;
      return wanted !== null && keys.includes(wanted) ? wanted : (keys.at(-1) ?? null);
    });
  }

  /** Once, when the first messages are there: to the unread divider, else to the end. */
  open(): void {
    const opening = { after: this.#store.readMark.peek(), upTo: this.#seqs.peek().at(-1) ?? 0 };
    const isUnread = countUnread(this.messages.peek(), opening, this.#me()) > 0;
    this.divider.value = isUnread ? opening : null;
    if (isUnread) this.toDivider();
    else this.toEnd();
  }

  grow(where: "up" | "down"): void {
    const grown = where === "up" ? spans.growUp : spans.growDown;
    this.#span.value = grown(this.#span.peek(), this.#seqs.peek());
  }

  /** Keeps the page small after messages arrived. */
  trim(): void {
    const keep = this.atEnd.peek() ? "end" : "start";
    const span = this.#span.peek();
    const isNew = span.from === 0 && this.#seqs.peek().length > 0;
    this.#span.value = isNew
      ? spans.newest(this.#seqs.peek())
      : spans.trim(span, this.#seqs.peek(), keep);
  }

  toEnd(): void {
    if (this.hasBelow.peek()) this.#span.value = spans.newest(this.#seqs.peek());
    this.mover?.toEnd();
  }

  /** Focuses the first or last loaded message. */
  focusEdge(edge: "first" | "last"): void {
    const pick = edge === "first" ? spans.oldest : spans.newest;
    const isThere = edge === "first" ? !this.hasAbove.peek() : !this.hasBelow.peek();
    if (!isThere) this.#span.value = pick(this.#seqs.peek());
    const messages = this.rows.peek().filter((row) => row.kind === "message");
    const key = messages.at(edge === "first" ? 0 : -1)?.key;
    if (key !== undefined) this.focusKey(key);
  }

  /** False if the message is not loaded. */
  toSeq(seq: number): boolean {
    const message = this.messages.peek().find((each) => each.seq === seq);
    if (message === undefined) return false;
    this.#show(seq);
    this.tinted.value = message.key;
    this.mover?.toRow(message.key);
    return true;
  }

  toDivider(): void {
    const divider = this.divider.peek();
    if (divider === null) return;
    const first = firstUnread(this.messages.peek(), divider, this.#me());
    if (first === undefined || first.seq === null) return;
    this.#show(first.seq);
    const isThere = this.rows.peek().some(({ kind }) => kind === "unread");
    this.mover?.toRow(isThere ? "unread" : first.key);
  }

  /** Places the divider before a message; lasts as long as the view. */
  markUnread(seq: number): void {
    this.divider.value = { after: seq - 1, upTo: this.#seqs.peek().at(-1) ?? seq };
  }

  focusKey(key: string): void {
    this.current.value = key;
    this.mover?.focusRow(key);
  }

  /** Focuses the list's tab stop; false if the list is empty. */
  focusCurrent(): boolean {
    const key = this.stop.peek();
    if (key !== null) this.mover?.focusRow(key);
    return key !== null;
  }

  #show(seq: number): void {
    if (this.rows.peek().some((row) => row.kind === "message" && row.message.seq === seq)) return;
    this.#span.value = spans.around(this.#seqs.peek(), seq);
  }

  #buildRows(): readonly Row[] {
    return buildRows({
      messages: this.messages.value,
      notices: this.#store.notices.value,
      span: this.#span.value,
      divider: this.divider.value,
      me: this.#store.me.value?.id ?? null,
      isWhole: this.#store.older.value === "none",
    });
  }

  #countDivided(): number {
    const divider = this.divider.value;
    const me = this.#store.me.value?.id ?? null;
    return divider === null ? 0 : countUnread(this.messages.value, divider, me);
  }

  #me(): string | null {
    return this.#store.me.peek()?.id ?? null;
  }
}

function seqsOf(messages: readonly ShownMessage[]): readonly number[] {
  return messages.flatMap(({ seq }) => (seq === null ? [] : [seq]));
}

function indexBySeq(messages: readonly ShownMessage[]): ReadonlyMap<number, ShownMessage> {
  const index = new Map<number, ShownMessage>();
  for (const message of messages) {
    if (message.seq !== null) index.set(message.seq, message);
  }
  return index;
}
