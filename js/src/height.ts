// A widget's height: the model's, until a viewer drags it; then theirs, kept in their browser.

import { effect, type Signal, signal } from "@preact/signals-core";
import type { TextStorage } from "./storage.ts";

export const MIN_PX = 240;
export const maxPx = (): number => Math.max(MIN_PX, Math.round(window.innerHeight * 0.8));

export function clampPx(px: number): number {
  return Math.round(Math.min(Math.max(px, MIN_PX), maxPx()));
}

export interface KeptHeight {
  /** CSS px. */
  readonly height: Signal<number>;
  /** Code set the model's height: that counts now, for every viewer. */
  reset(px: number): void;
  stop(): void;
}

export function keepHeight(storage: TextStorage, key: string, modelPx: number): KeptHeight {
  let givenPx = modelPx;
  const kept = Number(storage.getItem(key));
  const height = signal(kept > 0 ? clampPx(kept) : modelPx);
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
