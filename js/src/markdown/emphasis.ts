// Which stars open and which close: CommonMark's rules for delimiter runs, with its bound on how
// far a closer looks back, so that the work is linear.

import type { Fuel } from "./fuel.ts";
import type { Mark, Token } from "./inline.ts";

type Marks = Extract<Token, { kind: "marks" }>;

interface Run {
  readonly token: Marks;
  readonly char: "*" | "_" | "~";
  /** Place among all runs. */
  readonly index: number;
  readonly length: number;
  readonly canOpen: boolean;
  readonly canClose: boolean;
}

const SPACE = /^(?:\s|$)/u;
const PUNCTUATION = /^[\p{P}\p{S}]/u;

export class Emphasis {
  readonly #fuel: Fuel;
  #runs: Run[] = [];

  constructor(fuel: Fuel) {
    this.#fuel = fuel;
  }

  get count(): number {
    return this.#runs.length;
  }

  /** A run of marks as a token, or null if it is only text. */
  add(
    char: Run["char"],
    start: number,
    { end, text }: { readonly end: number; readonly text: string },
  ): Token | null {
    const length = end - start;
    if (char === "~" && length !== 2) return null;
    const flanks = flanksOf(char, characterBefore(text, start), text.slice(end, end + 2));
    if (!flanks.canOpen && !flanks.canClose) return null;
    const token: Marks = { kind: "marks", closes: [], text: text.slice(start, end), opens: [] };
    this.#runs.push({ token, char, index: this.#runs.length, length, ...flanks });
    return token;
  }

  /** Pairs the runs from `from` on; what stays alone is text. */
  pair(from: number): void {
    const openers: Run[] = [];
    const bottoms = new Map<string, number>();
    for (const run of this.#runs.slice(from)) {
      if (run.canClose) this.#close(run, openers, bottoms);
      if (run.canOpen && run.token.text !== "") openers.push(run);
    }
    this.#runs = this.#runs.slice(0, from);
  }

  #close(closer: Run, openers: Run[], bottoms: Map<string, number>): void {
    const key = `${closer.char}${closer.canOpen}${closer.length % 3}`;
    const bottom = bottoms.get(key) ?? -1;
    while (closer.token.text !== "") {
      let at = openers.length - 1;
      let opener = openers[at];
      while (opener !== undefined && opener.index > bottom && !fits(opener, closer)) {
        this.#fuel.spend(1);
        at -= 1;
        opener = openers[at];
      }
      if (opener === undefined || opener.index <= bottom) {
        bottoms.set(key, closer.index - 1);
        return;
      }
      openers.length = at + 1; // those between can't be paired any more
      join(opener, closer);
      if (opener.token.text === "") openers.pop();
    }
  }
}

function fits(opener: Run, closer: Run): boolean {
  if (opener.char !== closer.char) return false;
  const isEither = opener.canClose || closer.canOpen;
  const isOdd = (opener.length + closer.length) % 3 === 0 && opener.length % 3 !== 0;
  return !(isEither && isOdd && opener.char !== "~");
}

function join(opener: Run, closer: Run): void {
  const isDouble = opener.token.text.length >= 2 && closer.token.text.length >= 2;
  const mark: Mark = opener.char === "~" ? "del" : isDouble ? "strong" : "em";
  const used = isDouble ? 2 : 1;
  opener.token.text = opener.token.text.slice(used);
  closer.token.text = closer.token.text.slice(used);
  opener.token.opens.unshift(mark); // the inner pairs are found first
  closer.token.closes.push(mark);
}

function flanksOf(
  char: Run["char"],
  before: string,
  after: string,
): { readonly canOpen: boolean; readonly canClose: boolean } {
  const [spaceBefore, spaceAfter] = [SPACE.test(before), SPACE.test(after)];
  const [markBefore, markAfter] = [PUNCTUATION.test(before), PUNCTUATION.test(after)];
  const isLeft = !spaceAfter && (!markAfter || spaceBefore || markBefore);
  const isRight = !spaceBefore && (!markBefore || spaceAfter || markAfter);
  if (char !== "_") return { canOpen: isLeft, canClose: isRight };
  return {
    canOpen: isLeft && (!isRight || markBefore),
    canClose: isRight && (!isLeft || markAfter),
  };
}

/** The whole character, which may be two units long. */
function characterBefore(text: string, at: number): string {
  return [...text.slice(Math.max(0, at - 2), at)].at(-1) ?? "";
}
