// Keeps what the reader sees in place while rows come, go and grow: at the end the end stays
// visible, elsewhere the first row that is fully in view stays where it is.

interface Seen {
  readonly key: string;
  readonly top: number;
}

export interface ScrollState {
  readonly fromEnd: number;
  readonly fromStart: number;
}

/** Whose rows they are. */
export interface ScrollOwner {
  moved(state: ScrollState): void;
  /** True if newer rows were dropped: the end of the box is then not the end. */
  hasBelow(): boolean;
}

/** This close to the end counts as being there. */
const AT_END_PX = 40;
const GESTURE_MS = 150;

export class Scroller {
  /** New content keeps the end in view. */
  isFollowing = true;
  readonly #box: HTMLElement;
  readonly #content: HTMLElement;
  readonly #owner: ScrollOwner;
  readonly #observer: ResizeObserver;
  #seen: readonly Seen[] = [];
  #top = 0;
  #isGoingUp = false;
  #timer = 0;

  constructor(box: HTMLElement, content: HTMLElement, owner: ScrollOwner) {
    this.#box = box;
    this.#content = content;
    this.#owner = owner;
    this.#observer = new ResizeObserver(() => this.settle());
    this.#observer.observe(box);
    this.#observer.observe(content);
    box.addEventListener("scroll", this.#onScroll, { passive: true });
    box.addEventListener("wheel", this.#onWheel, { passive: true });
    box.addEventListener("touchmove", this.#onTouch, { passive: true });
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#observer.disconnect();
    this.#box.removeEventListener("scroll", this.#onScroll);
    this.#box.removeEventListener("wheel", this.#onWheel);
    this.#box.removeEventListener("touchmove", this.#onTouch);
  }

  /** Remembers where the rows in view are; to be called before rows change. */
  capture(): void {
    if (this.#box.clientHeight === 0) return;
    const wasMoved = this.#box.scrollTop < this.#top - 1 && !this.#isAtEnd();
    if (wasMoved) this.isFollowing = false; // by the reader; its scroll event is still to come
    if (this.isFollowing) return;
    const { top, bottom } = this.#box.getBoundingClientRect();
    const seen = this.#rows().flatMap((row): readonly Seen[] => {
      const box = mark(row).getBoundingClientRect();
      const key = row.dataset["key"];
      if (key === undefined || box.bottom <= top || box.top >= bottom) return [];
      return [{ key, top: box.top - top }];
    });
    const whole = seen.filter((each) => each.top >= 0);
    this.#seen = [...whole, ...seen.filter((each) => each.top < 0)];
  }

  /** Puts what the reader sees back to where it was; to be called after rows changed. */
  settle(): void {
    if (this.#box.clientHeight === 0) return; // not displayed: nothing to keep in place
    if (this.isFollowing) this.#scrollTo(this.#box.scrollHeight);
    else this.#restore();
    this.#report();
  }

  toEnd(): void {
    this.isFollowing = true;
    this.settle();
  }

  /** Puts the top of `row` at `part` of the view's height. */
  toRow(row: HTMLElement, part: number): void {
    const offset = row.getBoundingClientRect().top - this.#box.getBoundingClientRect().top;
    this.#scrollTo(this.#box.scrollTop + offset - this.#box.clientHeight * part);
    this.isFollowing = this.#isAtEnd();
    this.capture();
    this.#report();
  }

  /** Scrolls as little as needed to have `row` in view. */
  reveal(row: HTMLElement): void {
    const box = this.#box.getBoundingClientRect();
    const { top, bottom, height } = row.getBoundingClientRect();
    if (top < box.top) this.#box.scrollTop -= box.top - top + 8;
    else if (bottom > box.bottom && height < box.height)
      this.#box.scrollTop += bottom - box.bottom + 8;
  }

  readonly #onScroll = (): void => {
    const { scrollTop } = this.#box;
    if (Math.abs(scrollTop - this.#top) < 1) return;
    this.#top = scrollTop;
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(this.#onRest, GESTURE_MS);
    this.isFollowing = !this.#isGoingUp && this.#isAtEnd();
    this.capture();
    this.#report();
  };

  readonly #onRest = (): void => {
    this.#isGoingUp = false;
    this.isFollowing = this.#isAtEnd();
  };

  readonly #onWheel = (event: WheelEvent): void => {
    if (event.deltaY < 0 && this.#box.scrollTop > 0) this.#letGo();
  };

  readonly #onTouch = (): void => {
    if (this.#box.scrollTop < this.#top) this.#letGo();
  };

  #letGo(): void {
    clearTimeout(this.#timer); // an earlier gesture's end is not this one's
    this.#timer = window.setTimeout(this.#onRest, GESTURE_MS);
    this.#isGoingUp = true;
    if (!this.isFollowing) return;
    this.isFollowing = false;
    this.capture();
  }

  #restore(): void {
    for (const { key, top } of this.#seen) {
      const row = this.#rows().find((each) => each.dataset["key"] === key);
      if (row === undefined) continue;
      const now = mark(row).getBoundingClientRect().top - this.#box.getBoundingClientRect().top;
      if (Math.abs(now - top) >= 0.5) this.#scrollTo(this.#box.scrollTop + now - top);
      return;
    }
  }

  #scrollTo(top: number): void {
    this.#box.scrollTop = top;
    this.#top = this.#box.scrollTop;
  }

  /** Messages only: days and dividers move when others come before them. */
  #rows(): readonly HTMLElement[] {
    return [...this.#content.querySelectorAll<HTMLElement>(".jc-Message")];
  }

  #isAtEnd(): boolean {
    return this.#fromEnd() <= AT_END_PX && !this.#owner.hasBelow();
  }

  #fromEnd(): number {
    return this.#box.scrollHeight - this.#box.clientHeight - this.#box.scrollTop;
  }

  #report(): void {
    this.#owner.moved({ fromEnd: this.#fromEnd(), fromStart: this.#box.scrollTop });
  }
}

/** The part of a row that must not move: its text, whatever comes or goes above it. */
function mark(row: HTMLElement): Element {
  return row.querySelector("[data-mark]") ?? row;
}
