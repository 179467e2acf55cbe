// Whether the person is at this page: active with input in the last 2 minutes while the page is
// visible, else idle, or hidden.

import type { ActivityState } from "../store/conversation.ts";

const IDLE_AFTER_MS = 120_000;
const INPUTS = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"] as const;

/** Reports every change; the returned function stops. */
export function watchActivity(report: (state: ActivityState) => void): () => void {
  let state: ActivityState | null = null;
  let timer = 0;
  const change = (next: ActivityState): void => {
    if (next === state) return;
    state = next;
    report(next);
  };
  const update = (): void => {
    clearTimeout(timer);
    if (document.visibilityState === "hidden") return change("hidden");
    change("active");
    timer = window.setTimeout(() => change("idle"), IDLE_AFTER_MS);
  };
  const options = { capture: true, passive: true };
  for (const type of INPUTS) document.addEventListener(type, update, options);
  document.addEventListener("visibilitychange", update);
  update();
  return () => {
    clearTimeout(timer);
    for (const type of INPUTS) document.removeEventListener(type, update, options);
    document.removeEventListener("visibilitychange", update);
  };
}
