// Changes the text of the composer so that the browser's undo still works.

import type { Change, Selected } from "../compose.ts";

export function selectedIn(field: HTMLTextAreaElement): Selected {
  return { text: field.value, start: field.selectionStart, end: field.selectionEnd };
}

/** Makes the change as if it had been typed. */
export function applyChange(field: HTMLTextAreaElement, change: Change): void {
  field.focus({ preventScroll: true });
  field.setSelectionRange(change.from, change.to);
  const isDone = document.execCommand("insertText", false, change.insert);
  if (!isDone) {
    field.setRangeText(change.insert, change.from, change.to, "end");
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }
  field.setSelectionRange(change.start, change.end);
}
