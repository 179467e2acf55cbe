// The DOM side of the message list: keeps the view in place when rows change, asks for more rows
// near the edges, moves the view and the focus when the model wants it.

import type { Mover } from "./list.ts";
import { Reading } from "./reading.ts";
import { Scroller, type ScrollState } from "./scroller.ts";
import type { Ui } from "./ui.ts";

/** This close to an edge, more rows are wanted. */
const NEAR_PX = 800;
const FAR_PX = 200;
const AT_END_PX = 40;
const JUMP_TO = 1 / 3;
const TINT_MS = 2000;

/** What is to be done with a row once it is drawn. */
interface Wish {
  readonly kind: "scroll" | "focus";
  readonly key: string;
}

export class ListView implements Mover {
  readonly #box: HTMLElement;
  readonly #content: HTMLElement;
  readonly #ui: Ui;
  readonly #scroller: Scroller;
  readonly #reading: Reading;
  #wish: Wish | null = null;
  #isGrowing = false;
  /** Which of the messages has the focus. */
  #focusedAt = -1;
  #tintTimer = 0;

  constructor(box: HTMLElement, content: HTMLElement, ui: Ui) {
    this.#box = box;
    this.#content = content;
    this.#ui = ui;
    this.#scroller = new Scroller(box, content, {
      moved: (state) => this.#follow(state),
      hasBelow: () => ui.list.hasBelow.peek(),
    });
    this.#reading = new Reading(ui.store);
    ui.list.mover = this;
  }

  stop(): void {
    clearTimeout(this.#tintTimer);
    this.#ui.list.mover = null;
    this.#scroller.stop();
    this.#reading.stop();
  }

  beforeRows(): void {
    this.#scroller.capture();
    const focused = this.#ui.view.root.activeElement?.closest(".jc-Message") ?? null;
    this.#focusedAt = focused instanceof HTMLElement ? this.#messages().indexOf(focused) : -1;
  }

  afterRows(): void {
    this.#isGrowing = false;
    this.#scroller.settle();
    this.#grant();
    this.#keepFocus();
    this.#reading.observe(this.#messages());
  }

  toEnd(): void {
    this.#scroller.toEnd();
  }

  toRow(key: string): void {
    this.#wish = { kind: "scroll", key };
    this.#grant();
    clearTimeout(this.#tintTimer);
    this.#tintTimer = window.setTimeout(() => {
      this.#ui.list.tinted.value = null;
    }, TINT_MS);
  }

  focusRow(key: string): void {
    this.#wish = { kind: "focus", key };
    this.#grant();
  }

  /** Scrolls by one view; the message now at the top gets the focus. */
  page(direction: -1 | 1): void {
    this.#box.scrollTop += direction * this.#box.clientHeight * 0.9;
    const { top, bottom } = this.#box.getBoundingClientRect();
    const seen = this.#messages().filter((row) => {
      const box = row.getBoundingClientRect();
      return box.bottom > top + 1 && box.top < bottom - 1;
    });
    seen.at(direction < 0 ? 0 : -1)?.focus({ preventScroll: true });
  }

  #grant(): void {
    if (this.#wish === null) return;
    const { kind, key } = this.#wish;
    const row = this.#find(key);
    if (row === null || this.#box.clientHeight === 0) return;
    this.#wish = null;
    if (kind === "scroll") {
      this.#scroller.toRow(row, JUMP_TO);
      this.#keepJumperFocus(row);
    } else {
      row.focus({ preventScroll: true });
      this.#scroller.reveal(row);
    }
  }

  /** The pill that led here goes: the message gets its focus. */
  #keepJumperFocus(row: Element): void {
    if (!this.#ui.view.root.activeElement?.closest(".jc-Jump")) return;
    const next = row.nextElementSibling;
    if (next instanceof HTMLElement) next.focus({ preventScroll: true });
  }

  /** A message that had the focus is gone: the next one gets it. */
  #keepFocus(): void {
    if (this.#focusedAt < 0 || this.#ui.view.root.activeElement !== null) return;
    const rows = this.#messages();
    const key = (rows[this.#focusedAt] ?? rows.at(-1))?.dataset["key"];
    if (key === undefined) this.#ui.focusComposer();
    else this.#ui.list.focusKey(key);
  }

  #follow({ fromEnd, fromStart }: ScrollState): void {
    const { list, store } = this.#ui;
    this.#grant(); // what was wished while nothing was displayed
    list.atEnd.value = fromEnd <= AT_END_PX && !list.hasBelow.peek();
    list.farFromEnd.value = fromEnd > FAR_PX || list.hasBelow.peek();
    list.dividerAbove.value = this.#isDividerAbove();
    if (this.#isGrowing) return;
    this.#isGrowing = true; // until the rows are drawn
    if (fromStart < NEAR_PX && list.hasAbove.peek()) list.grow("up");
    else if (fromEnd < NEAR_PX && list.hasBelow.peek()) list.grow("down");
    else {
      this.#isGrowing = false;
      if (fromStart < NEAR_PX && store.older.peek() === "idle") store.loadOlder();
    }
  }

  #isDividerAbove(): boolean {
    const { divider, unreadAtOpening } = this.#ui.list;
    const wanted = divider.peek();
    if (wanted === null || unreadAtOpening.peek() === 0) return false;
    const row = this.#find("unread");
    if (row !== null) {
      return row.getBoundingClientRect().bottom < this.#box.getBoundingClientRect().top;
    }
    return Number(this.#messages()[0]?.dataset["seq"] ?? 0) > wanted.after;
  }

  #find(key: string): HTMLElement | null {
    return this.#content.querySelector(`[data-key="${CSS.escape(key)}"]`);
  }

  #messages(): readonly HTMLElement[] {
    return [...this.#content.querySelectorAll<HTMLElement>(".jc-Message")];
  }
}
