// A widget's height: the model's, until a viewer drags it; then theirs, kept in their browser.

import { effect, type Signal, signal } from "@preact/signals-core";
import type { TextStorage } from "./storage.ts";

export interface KeptHeight {
  /** CSS px. */
  readonly height: Signal<number>;
  /** Code set the model's height: that counts now, for every viewer. */
  reset(px: number): void;
  stop(): void;
}

export function keepHeight(storage: TextStorage, key: string, modelPx: number): KeptHeight {
  let givenPx = modelPx;
  const height = signal(Number(storage.getItem(key)) || modelPx);
  const stop = effect(() => {
    const px = height.value;
    if (px === givenPx) storage.removeItem(key);
    else storage.setItem(key, String(px));
  });
  return {
    height,
    reset(px) {
      givenPx = px;
      height.value = px;
    },
    stop,
  };
}
