// Time, handed in so that tests can turn it.

export interface Clock {
  /** Ms since the epoch. */
  now(): number;
  /** Runs once after `ms`; returns what cancels it. */
  after(ms: number, run: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
