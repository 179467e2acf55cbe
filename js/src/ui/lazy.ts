// A heavy part that loads on first use, with something smaller to use until then.

import { type ReadonlySignal, signal } from "@preact/signals";

export type LazyState = "idle" | "loading" | "ready" | "failed";

export interface Lazy<Value> {
  readonly value: ReadonlySignal<Value>;
  readonly state: ReadonlySignal<LazyState>;
  /** Loads unless that is done or under way; after a failure only `retry` tries again. */
  want(): void;
  retry(): void;
}

export function lazy<Value>(load: () => Promise<Value>, fallback: Value): Lazy<Value> {
  const value = signal(fallback);
  const state = signal<LazyState>("idle");
  const start = (): void => {
    state.value = "loading";
    load().then(
      (loaded) => {
        value.value = loaded;
        state.value = "ready";
      },
      () => {
        state.value = "failed";
      },
    );
  };
  return {
    value,
    state,
    want: () => {
      if (state.peek() === "idle") start();
    },
    retry: start,
  };
}
