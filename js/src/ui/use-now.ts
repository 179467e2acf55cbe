// The present time for a component that counts down.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

/** Ms since the epoch; while `ticks`, twice a second anew. */
export function useNow(ticks: boolean): number {
  const now = useSignal(Date.now());
  useEffect(() => {
    if (!ticks) return;
    const tick = (): void => {
      now.value = Date.now();
    };
    tick();
    const timer = setInterval(tick, 500);
    return () => clearInterval(timer);
  }, [ticks]);
  return ticks ? now.value : Date.now();
}
