// The composer's text area: changing its text so that the browser's undo still works, and its
// height with its text.

import type { Change, Selected } from "./compose.ts";

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

/** As high as its text; the style sheet says how high at most. Not displayed, it has no height. */
export function fitHeight(field: HTMLTextAreaElement): void {
  const box = field.parentElement;
  if (box === null || field.clientHeight === 0) return;
  box.style.height = `${box.offsetHeight}px`; // or the list would grow, and lose its place
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
  box.style.height = "";
}
