// How much work a text may cost. Whoever loops spends; when it runs out the text is shown plain.

const STEPS_PER_CHAR = 100;
const SPARE_STEPS = 10_000;
const SPARE_NODES = 8_000; // a page draws so many in a fraction of a second
const CHARS_PER_NODE = 10; // in a long text; prose has twice as many

const MOST_TEX = 8_000; // characters of formulas in a text; a sign of them is an element
const TEX_PER_FORMULA = 10; // what one costs beside its characters

export class OutOfFuel extends Error {}

export class Fuel {
  #steps: number;
  #nodes: number;
  #tex = MOST_TEX;

  constructor(chars: number) {
    this.#steps = SPARE_STEPS + chars * STEPS_PER_CHAR;
    this.#nodes = SPARE_NODES + chars / CHARS_PER_NODE;
  }

  spend(steps: number): void {
    this.#steps -= steps;
    if (this.#steps < 0) throw new OutOfFuel();
  }

  /** Whether one more formula of so many characters may be drawn. */
  takeTex(chars: number): boolean {
    const cost = chars + TEX_PER_FORMULA;
    if (cost > this.#tex) return false;
    this.#tex -= cost;
    return true;
  }

  /** One more node in the tree. */
  node<T>(node: T): T {
    this.#nodes -= 1;
    if (this.#nodes < 0) throw new OutOfFuel();
    return node;
  }
}
