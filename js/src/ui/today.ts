// The present day, as UTC epoch seconds of some moment in it; changes at midnight.

import { type ReadonlySignal, signal } from "@preact/signals";
import { untilMidnight } from "./dates.ts";

const moment = signal(Date.now() / 1000);

export const today: ReadonlySignal<number> = moment;

/** Follows the clock; the returned function stops. Also looks when the page is shown again. */
export function followToday(): () => void {
  let timer = 0;
  const update = (): void => {
    moment.value = Date.now() / 1000;
    clearTimeout(timer);
    timer = window.setTimeout(update, untilMidnight(Date.now()) + 500);
  };
  update();
  document.addEventListener("visibilitychange", update);
  return () => {
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", update);
  };
}
