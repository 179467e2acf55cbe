// Shows an element in the top layer beside another one.

import { type Placement, place } from "./place.ts";
import type { Ui } from "./ui.ts";

export interface Beside extends Placement {
  readonly opener: HTMLElement;
  readonly ui: Ui;
}

const NARROW_MARGIN = 8;

/** Into the browser's top layer, where nothing clips it. */
export function showOnTop(element: HTMLElement): void {
  if (!element.matches(":popover-open")) element.showPopover();
}

/** In a narrow widget a panel is as wide as the widget, else as wide as it likes. */
export function putBeside(panel: HTMLElement, { opener, side, align, ui }: Beside): void {
  if (!opener.isConnected) return;
  const widget = ui.view.host.getBoundingClientRect();
  const anchor = opener.getBoundingClientRect();
  const isNarrow = ui.size.peek() === "narrow";
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
