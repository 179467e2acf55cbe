// What must not be sent for now, since its author is at it: their edit or deletion of it is under
// way, here, or on another page for as long as that one goes on saying so.

import type { Clock } from "../clock.ts";

const TELL_MS = 30_000;
const GONE_MS = 95_000; // a browser may wake a page that nobody sees once a minute only

export interface HoldsOptions {
  readonly clock: Clock;
  /** Tells the other pages. */
  readonly tell: (commandId: string, isHeld: boolean) => void;
  /** More may be sent now. */
  readonly advance: () => void;
}

export class Holds {
  readonly #options: HoldsOptions;
  readonly #own = new Map<string, number>(); // how many hold it
  readonly #others = new Map<string, () => void>(); // each with what calls off its end
  #cancelTelling = () => {};

  constructor(options: HoldsOptions) {
    this.#options = options;
  }

  has(commandId: string): boolean {
    return this.#own.has(commandId) || this.#others.has(commandId);
  }

  /** Each `1` asks for one `-1`. */
  hold(commandId: string, by: 1 | -1): void {
    const holders = (this.#own.get(commandId) ?? 0) + by;
    if (holders > 0) this.#own.set(commandId, holders);
    else this.#own.delete(commandId);
    this.#tell();
    if (holders > 0) return;
    this.#options.tell(commandId, false);
    this.#options.advance();
  }

  /** Another page says it. */
  heard(commandId: string, isHeld: boolean): void {
    const { clock, advance } = this.#options;
    this.#others.get(commandId)?.();
    this.#others.delete(commandId);
    if (!isHeld) return advance();
    this.#others.set(
      commandId,
      clock.after(GONE_MS, () => this.heard(commandId, false)),
    );
  }

  #tell(): void {
    const { clock, tell } = this.#options;
    this.#cancelTelling();
    for (const commandId of this.#own.keys()) tell(commandId, true);
    if (this.#own.size > 0) this.#cancelTelling = clock.after(TELL_MS, () => this.#tell());
  }
}
