// What ties a view to the page around it: width, theme, activity, the day, and the shortcuts
// that work everywhere in the widget.

import { watchActivity } from "./activity.ts";
import { isAccel, passToHost, whenIdle } from "./dom.ts";
import { fitHeight } from "./field.ts";
import { noteUses } from "./last-used.ts";
import { followTheme } from "./theme.ts";
import { followToday } from "./today.ts";
import type { Ui } from "./ui.ts";

/** Starts following the page; the returned function stops. */
export function followHost(ui: Ui): () => void {
  const { host } = ui.view;
  const measure = (): void => {
    if (host.clientWidth === 0) return; // not displayed
    ui.width.value = host.clientWidth;
    if (ui.field !== null) fitHeight(ui.field);
  };
  const observer = new ResizeObserver(measure);
  observer.observe(host);
  measure();
  const stops = [
    () => observer.disconnect(),
    followTheme(ui.view),
    followToday(),
    whenIdle(() => ui.panels.want()),
    noteUses(host),
    watchActivity((state) => ui.store.setActivity(state)),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

export function onAppKey(event: KeyboardEvent, ui: Ui): void {
  if (!isAccel(event)) return;
  const { host, root } = ui.view;
  if (event.key === "s") passToHost(event, host);
  if (event.key === "/") {
    event.preventDefault();
    ui.toggle({ kind: "shortcuts" }, root.activeElement);
  }
}
