// ULIDs for commands (github.com/ulid/spec): 48 bits of time, then 80 random ones. Two of one
// millisecond differ by one, so that ids ascend in the order in which they were made.

const DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const TIME_DIGITS = 10;
const RANDOM_DIGITS = 16;

/** `random` fills the array with numbers of 0 to 255. */
export function ulidMaker(
  now: () => number,
  random: (bytes: Uint8Array<ArrayBuffer>) => void,
): () => string {
  let lastMs = -1;
  const tail = new Uint8Array(RANDOM_DIGITS); // one digit each
  return () => {
    const ms = now();
    if (ms > lastMs) {
      lastMs = ms;
      random(tail);
      for (const [at, byte] of tail.entries()) tail[at] = byte % 32;
      tail[0] = (tail[0] ?? 0) % 16; // leaves room to count on
    } else {
      increment(tail);
    }
    return digitsOf(lastMs) + Array.from(tail, (digit) => DIGITS[digit]).join("");
  };
}

function increment(digits: Uint8Array): void {
  let at = digits.length - 1;
  while (digits[at] === 31) digits[at--] = 0;
  digits[at] = (digits[at] ?? 0) + 1;
}

function digitsOf(ms: number): string {
  let digits = "";
  for (let rest = ms; digits.length < TIME_DIGITS; rest = Math.floor(rest / 32)) {
    digits = `${DIGITS[rest % 32]}${digits}`;
  }
  return digits;
}
