// Which of the loaded messages are in the page: a run of at most `MAX_SHOWN`, moved as the
// reader scrolls. Named by seq, so that it stays put when messages come before or after it.

/** Inclusive; `to` is infinite while the run reaches the newest message and my pending ones. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export const MAX_SHOWN = 300;
export const STEP = 50;
const OPENING = 100;

/** The newest messages. `seqs` ascend. */
export function newest(seqs: readonly number[], count = OPENING): Span {
  return { from: seqs[Math.max(0, seqs.length - count)] ?? 0, to: Number.POSITIVE_INFINITY };
}

/** The oldest loaded messages. */
export function oldest(seqs: readonly number[], count = OPENING): Span {
  return { from: seqs[0] ?? 0, to: end(seqs, count) };
}

/** A run around one message. */
export function around(seqs: readonly number[], seq: number): Span {
  const index = firstAtLeast(seqs, seq);
  const start = Math.max(0, index - OPENING);
  return { from: seqs[start] ?? 0, to: end(seqs, start + 2 * OPENING) };
}

/** `STEP` more at the top; the far end goes if there are too many. */
export function growUp(span: Span, seqs: readonly number[]): Span {
  const start = Math.max(0, firstAtLeast(seqs, span.from) - STEP);
  const from = seqs[start] ?? span.from;
  return { from, to: Math.min(span.to, end(seqs, start + MAX_SHOWN)) };
}

/** `STEP` more at the bottom; the near end goes if there are too many. */
export function growDown(span: Span, seqs: readonly number[]): Span {
  const stop = Math.min(seqs.length, firstAtLeast(seqs, span.to + 1) + STEP);
  const from = seqs[Math.max(0, stop - MAX_SHOWN)] ?? span.from;
  return { from: Math.max(span.from, from), to: end(seqs, stop) };
}

/** Keeps to `MAX_SHOWN` after messages arrived: drops far from where the reader is. */
export function trim(span: Span, seqs: readonly number[], keep: "start" | "end"): Span {
  const start = firstAtLeast(seqs, span.from);
  const stop = firstAtLeast(seqs, span.to + 1);
  if (stop - start <= MAX_SHOWN) return span;
  if (keep === "end") return { from: seqs[stop - MAX_SHOWN] ?? span.from, to: span.to };
  return { from: span.from, to: end(seqs, start + MAX_SHOWN) };
}

export function hasAbove(span: Span, seqs: readonly number[]): boolean {
  return (seqs[0] ?? span.from) < span.from;
}

export function hasBelow(span: Span, seqs: readonly number[]): boolean {
  return (seqs.at(-1) ?? 0) > span.to;
}

/** The seq before index `stop`, or infinity at the end, so that what comes next is in. */
function end(seqs: readonly number[], stop: number): number {
  return stop >= seqs.length ? Number.POSITIVE_INFINITY : (seqs[stop - 1] ?? 0);
}

/** Index of the first seq >= `seq`; the length if there is none. */
function firstAtLeast(seqs: readonly number[], seq: number): number {
  let low = 0;
  let high = seqs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((seqs[middle] ?? 0) < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}
