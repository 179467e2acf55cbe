// How long to wait before trying again.

const FIRST_MS = 500;
const LONGEST_MS = 30_000;

/** Full jitter: anything up to a bound that doubles with every try. `random` is in [0, 1). */
export function backOff(tries: number, random: number): number {
  return random * Math.min(LONGEST_MS, FIRST_MS * 2 ** tries);
}
