// The keyboard inside the message list. Letters act on a focused message only; everything else
// is moving about.

import { elementIn, leaveTo, letterOf, noModifier } from "./dom.ts";
import { act, type MessageAction } from "./message-actions.ts";
import type { Ui } from "./ui.ts";

const LETTERS: ReadonlyMap<string, MessageAction> = new Map([
  ["r", "reply"],
  ["e", "edit"],
  ["+", "react"],
  ["c", "copy"],
  ["d", "discard"],
  ["u", "unread"],
  ["Delete", "delete"],
]);

const CONTROLS = "button, a, input, [tabindex='-1'], pre[tabindex], .jc-ScrollBox";

export function onListKey(event: KeyboardEvent, ui: Ui): void {
  if (event.isComposing || event.defaultPrevented) return;
  const row = elementIn(event.target, ".jc-Message");
  const isOnRow = row !== null && row === event.target;
  const isDone =
    event.key === "Escape"
      ? leave(ui, row, isOnRow)
      : row !== null && (isOnRow ? onRow(event, ui, row) : inRow(event, row));
  if (event.key !== "Escape") ui.isLeaving = false;
  if (isDone) event.preventDefault();
}

/** From a control to its message, from there to the field, or on to the notebook. */
function leave(ui: Ui, row: HTMLElement | null, isOnRow: boolean): boolean {
  if (row !== null && !isOnRow) {
    row.focus({ preventScroll: true });
    return true;
  }
  ui.list.divider.value = null;
  if (ui.isLeaving || ui.field === null) leaveTo(ui.view.host);
  else ui.focusComposer();
  return true;
}

function onRow(event: KeyboardEvent, ui: Ui, row: HTMLElement): boolean {
  return noModifier(event) && (move(event.key, ui, row) || letter(event, ui, row));
}

function move(key: string, ui: Ui, row: HTMLElement): boolean {
  switch (key) {
    case "ArrowUp":
    case "ArrowDown":
      focusSibling(ui, row, key === "ArrowUp" ? -1 : 1);
      return true;
    case "Home":
    case "End":
      ui.list.focusEdge(key === "Home" ? "first" : "last");
      return true;
    case "PageUp":
    case "PageDown":
      ui.list.mover?.page(key === "PageUp" ? -1 : 1);
      return true;
    case "Enter":
    case inward(row):
      controlsOf(row)[0]?.focus();
      return true;
    default:
      return false;
  }
}

function letter(event: KeyboardEvent, ui: Ui, row: HTMLElement): boolean {
  const { key } = event;
  const action = LETTERS.get(key.length === 1 ? letterOf(event) : key);
  const message = ui.list.messages.peek().find((each) => each.key === row.dataset["key"]);
  return action !== undefined && message !== undefined && act(action, message, ui, row);
}

/** Left and Right go through everything in the message that can be used: buttons, links, code. */
function inRow({ key }: KeyboardEvent, row: HTMLElement): boolean {
  if (key !== "ArrowLeft" && key !== "ArrowRight") return false;
  const controls = controlsOf(row);
  const root = row.getRootNode();
  const active = root instanceof ShadowRoot ? root.activeElement : null;
  const at = active instanceof HTMLElement ? controls.indexOf(active) : -1;
  const next = controls[at + (key === inward(row) ? 1 : -1)];
  if (at < 0) return false;
  (next ?? row).focus();
  return true;
}

/** The toolbar's buttons first, then what is in the text. */
function controlsOf(row: HTMLElement): readonly HTMLElement[] {
  const all = [...row.querySelectorAll<HTMLElement>(CONTROLS)];
  const isTool = (control: HTMLElement): boolean => control.closest(".jc-Toolbar") !== null;
  const usable = all.filter(
    (control) => control.offsetParent !== null && !control.matches(":disabled"),
  );
  return [...usable.filter(isTool), ...usable.filter((control) => !isTool(control))];
}

function inward(row: HTMLElement): "ArrowRight" | "ArrowLeft" {
  return getComputedStyle(row).direction === "rtl" ? "ArrowLeft" : "ArrowRight";
}

function focusSibling(ui: Ui, row: HTMLElement, step: -1 | 1): void {
  const keys = ui.list.rows.peek().flatMap((each) => (each.kind === "message" ? [each.key] : []));
  const next = keys[keys.indexOf(row.dataset["key"] ?? "") + step];
  if (next !== undefined) ui.list.focusKey(next);
}
