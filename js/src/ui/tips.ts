// Which element's tooltip is shown: after a moment on hover, at once on keyboard focus.

import type { Signal } from "@preact/signals";
import { elementIn } from "./dom.ts";

const DELAY_MS = 450;

/** Follows pointer and focus inside `root`; the returned function stops. */
export function followTips(root: ShadowRoot, shown: Signal<HTMLElement | null>): () => void {
  const stop = new AbortController();
  const options = { capture: true, passive: true, signal: stop.signal };
  let timer = 0;
  const hide = (): void => {
    clearTimeout(timer);
    shown.value = null;
  };
  const onOver = (event: Event): void => {
    const element = elementIn(event.target, "[data-tip]");
    if (element !== null && element === shown.peek()) return;
    hide();
    if (element === null || (event instanceof PointerEvent && event.pointerType === "touch"))
      return;
    timer = window.setTimeout(() => {
      shown.value = element.isConnected ? element : null;
    }, DELAY_MS);
  };
  const onFocus = (event: Event): void => {
    hide();
    const element = elementIn(event.target, "[data-tip]");
    if (element?.matches(":focus-visible")) shown.value = element;
  };
  root.addEventListener("pointerover", onOver, options);
  root.addEventListener("focusin", onFocus, options);
  for (const type of ["focusout", "pointerdown", "keydown"]) {
    root.addEventListener(type, hide, options);
  }
  root.host.addEventListener("pointerleave", hide, options);
  return () => {
    stop.abort();
    hide();
  };
}
