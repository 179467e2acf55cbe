// The keyboard inside the composer.

import { leaveTo, noModifier } from "./dom.ts";
import type { Completion } from "./panels/completion.ts";
import { send } from "./sending.ts";
import type { Ui } from "./ui.ts";

/** Up edits my last message only among so many newest ones. */
const EDITABLE = 100;
/** What browsers give as `keyCode` while an input method is composing. */
const COMPOSING = 229;

export function onComposerKey(event: KeyboardEvent, ui: Ui, completion: Completion | null): void {
  const { field } = ui;
  if (field === null || event.isComposing || event.keyCode === COMPOSING) return;
  const isDone =
    completion?.onKey(event, field) ||
    onPlain(event, ui, field) ||
    ui.panels.value.peek()?.onFormatKey(event, field);
  if (isDone) event.preventDefault();
}

function onPlain(event: KeyboardEvent, ui: Ui, field: HTMLTextAreaElement): boolean {
  if (!noModifier(event) || event.shiftKey) return false;
  switch (event.key) {
    case "Enter":
      send(ui);
      return true;
    case "Escape":
      leave(ui);
      return true;
    case "ArrowUp":
      return field.value === "" && editLast(ui);
    default:
      return false;
  }
}

/** One thing at a time: the mode, then to the list, which then leads out of the widget. */
function leave(ui: Ui): void {
  if (ui.mode.peek().kind !== "write") ui.leaveMode();
  else if (ui.list.focusCurrent()) ui.isLeaving = true;
  else leaveTo(ui.view.host);
}

function editLast(ui: Ui): boolean {
  const me = ui.store.me.peek()?.id;
  const newest = ui.list.messages.peek().slice(-EDITABLE);
  const mine = newest.findLast(({ author, redacted }) => author === me && !redacted);
  if (mine === undefined || ui.mode.peek().kind !== "write") return false;
  ui.edit(mine);
  return true;
}
