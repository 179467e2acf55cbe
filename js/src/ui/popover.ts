// Shows an element in the top layer beside its opener, keeps it there, and closes it on Esc or
// when the pointer or the focus goes elsewhere.

import { type Placement, place } from "./place.ts";
import type { Ui } from "./ui.ts";

interface Hold extends Placement {
  readonly opener: HTMLElement;
  readonly ui: Ui;
}

const NARROW_MARGIN = 8;

/** Shows `panel` and focuses what it says is first, or itself; the returned function lets go of it. */
export function holdPopover(panel: HTMLElement, hold: Hold): () => void {
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
    if (event.key !== "Escape") return;
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
  document.addEventListener("scroll", put, { capture: true, passive: true });
  panel.addEventListener("focusout", onFocusOut);
  panel.addEventListener("keydown", onKey);
  return () => {
    observer.disconnect();
    document.removeEventListener("pointerdown", onPointer, true);
    window.removeEventListener("resize", put);
    document.removeEventListener("scroll", put, { capture: true });
  };
}

/** Into the browser's top layer, where nothing clips it. */
export function showOnTop(element: HTMLElement): void {
  if (!element.matches(":popover-open")) element.showPopover();
}

/** In a narrow widget a panel is as wide as the widget, else as wide as it likes. */
export function putBeside(panel: HTMLElement, { opener, side, align, ui }: Hold): void {
  if (!opener.isConnected) return;
  const widget = ui.view.host.getBoundingClientRect();
  const anchor = opener.getBoundingClientRect();
  const isNarrow = ui.size.peek() === "narrow" && panel.dataset["kind"] !== "menu";
  const { style } = panel;
  style.width = isNarrow ? `${widget.width - 2 * NARROW_MARGIN}px` : "";
  style.maxHeight = "";
  const spot = place({
    anchor: isNarrow
      ? { x: widget.x, y: anchor.y, width: widget.width, height: anchor.height }
      : anchor,
    size: { width: panel.offsetWidth, height: panel.offsetHeight },
    window: { width: document.documentElement.clientWidth, height: window.innerHeight },
    side,
    align: isNarrow ? "center" : align,
    rtl: getComputedStyle(ui.view.host).direction === "rtl",
  });
  style.left = `${Math.round(spot.x)}px`;
  style.top = `${Math.round(spot.y)}px`;
  style.maxHeight = `${Math.floor(spot.maxHeight)}px`;
}

function focusFirst(panel: HTMLElement): void {
  const first = panel.querySelector("[data-first=true]") ?? panel;
  if (first instanceof HTMLElement) first.focus({ preventScroll: true });
}
