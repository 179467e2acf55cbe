// Keeps a panel beside its opener, and closes it on Esc or when the pointer or the focus goes
// elsewhere.

import { isComposing } from "../dom.ts";
import { type Beside, putBeside, showOnTop } from "../popover.ts";

/** Shows `panel` and focuses what it says is first, or itself; the returned function lets go of it. */
export function holdPopover(panel: HTMLElement, hold: Beside): () => void {
  const { opener, ui } = hold;
  const put = (): void => putBeside(panel, hold);
  let isOpenerPressed = false; // its click decides then, not the focus that it gets
  const onPointer = (event: Event): void => {
    const path = event.composedPath();
    isOpenerPressed = path.includes(opener);
    if (!isOpenerPressed && !path.includes(panel)) ui.panel.value = null;
  };
  const onFocusOut = ({ relatedTarget }: FocusEvent): void => {
    if (!(relatedTarget instanceof Node) || panel.contains(relatedTarget)) return;
    if (!isOpenerPressed) ui.panel.value = null;
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.key !== "Escape" || isComposing(event)) return;
    event.stopPropagation();
    ui.close();
  };
  showOnTop(panel);
  put();
  focusFirst(panel);
  const observer = new ResizeObserver(put);
  observer.observe(panel);
  document.addEventListener("pointerdown", onPointer, true);
  window.addEventListener("resize", put);
  const scrollers = [document, ui.view.root]; // inner scrolling is not heard outside
  for (const each of scrollers) {
    each.addEventListener("scroll", put, { capture: true, passive: true });
  }
  panel.addEventListener("focusout", onFocusOut);
  panel.addEventListener("keydown", onKey);
  return () => {
    observer.disconnect();
    document.removeEventListener("pointerdown", onPointer, true);
    window.removeEventListener("resize", put);
    panel.removeEventListener("focusout", onFocusOut);
    panel.removeEventListener("keydown", onKey);
    for (const each of scrollers) each.removeEventListener("scroll", put, { capture: true });
  };
}

function focusFirst(panel: HTMLElement): void {
  const first = panel.querySelector("[data-first=true]") ?? panel;
  if (first instanceof HTMLElement) first.focus({ preventScroll: true });
}
