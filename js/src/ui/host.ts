// What ties a view to the page around it: width, theme, activity, the day, and the shortcuts
// that work everywhere in the widget.

import { watchActivity } from "./activity.ts";
import { isAccel, isTextField, letterOf, noModifier, passToHost, whenIdle } from "./dom.ts";
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
  const { target, key } = event;
  const field = isTextField(target) ? target : null;
  if (noModifier(event) ? key === "?" && field === null : isAccel(event) && key === "/") {
    event.preventDefault();
    showShortcuts(ui);
  } else if (!isAccel(event)) return;
  else if (letterOf(event) === "s") passToHost(event, ui.view.host);
  else if (key === "End" && (field === null || field.selectionStart === field.value.length)) {
    event.preventDefault();
    ui.toEnd();
  }
}

/** Opens them, or closes them; from a panel, in its place. */
function showShortcuts(ui: Ui): void {
  const panel = ui.panel.peek();
  if (panel?.kind === "shortcuts") return ui.close();
  const active = ui.view.root.activeElement;
  ui.open({ kind: "shortcuts" }, panel?.opener ?? active?.closest(".jc-Message") ?? active);
}
