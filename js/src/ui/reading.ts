// Tells the store what was read: a message counts when half of it, or a screenful, was in view
// for 1 s while the page is visible. Told at most once a second.

import type { ConversationStore } from "../store/conversation.ts";

const READ_AFTER_MS = 1000;
const STEPS = Array.from({ length: 21 }, (_, step) => step / 20);
/** A message that fills this much of the view is read too, however long it is. */
const SCREENFUL = 0.9;

export class Reading {
  readonly #store: ConversationStore;
  readonly #observer: IntersectionObserver;
  /** Seq to since when it is in view, ms since the epoch. */
  readonly #inView = new Map<number, number>();
  #timer = 0;

  constructor(store: ConversationStore) {
    this.#store = store;
    this.#observer = new IntersectionObserver(this.#onView, { threshold: STEPS });
    document.addEventListener("visibilitychange", this.#onVisibility);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#observer.disconnect();
    document.removeEventListener("visibilitychange", this.#onVisibility);
  }

  /** Watches the rows that are not read yet. */
  observe(rows: readonly HTMLElement[]): void {
    const read = this.#store.readMark.peek();
    for (const row of rows) {
      if (seqOf(row) > read) this.#observer.observe(row);
    }
  }

  readonly #onView = (entries: readonly IntersectionObserverEntry[]): void => {
    for (const { target, intersectionRatio, intersectionRect, rootBounds } of entries) {
      const seq = seqOf(target);
      const list = target.closest(".jc-List");
      const screen = Math.min(
        list?.clientHeight ?? 0,
        rootBounds?.height ?? Number.POSITIVE_INFINITY,
      );
      const isSeen =
        intersectionRatio >= 0.5 || (screen > 0 && intersectionRect.height >= screen * SCREENFUL);
      if (!isSeen) this.#inView.delete(seq);
      else if (!this.#inView.has(seq)) this.#inView.set(seq, Date.now());
    }
    this.#schedule();
  };

  readonly #onVisibility = (): void => {
    for (const seq of this.#inView.keys()) this.#inView.set(seq, Date.now());
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#schedule();
  };

  #schedule(): void {
    if (this.#timer !== 0) return; // rows that come meanwhile must not put it off
    if (this.#inView.size === 0 || document.visibilityState === "hidden") return;
    this.#timer = window.setTimeout(this.#report, READ_AFTER_MS);
  }

  readonly #report = (): void => {
    this.#timer = 0;
    const since = Date.now() - READ_AFTER_MS;
    const read = [...this.#inView].filter(([, at]) => at <= since).map(([seq]) => seq);
    for (const seq of read) this.#inView.delete(seq);
    const newest = Math.max(0, ...read);
    if (newest > this.#store.readMark.peek()) this.#store.markRead(newest);
    this.#schedule();
  };
}

function seqOf(element: Element): number {
  return element instanceof HTMLElement ? Number(element.dataset["seq"] ?? 0) : 0;
}
