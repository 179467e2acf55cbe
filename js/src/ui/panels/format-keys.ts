// Ctrl or Cmd with a letter formats what is selected in the composer.

import { type Wrap, wrap } from "../compose.ts";
import { isAccel, letterOf } from "../dom.ts";
import { applyChange, selectedIn } from "./change.ts";

const WRAPS: ReadonlyMap<string, Wrap> = new Map([
  ["b", "bold"],
  ["i", "italic"],
  ["e", "code"],
  ["k", "link"],
]);

/** Whether it was one of these. */
export function onFormatKey(event: KeyboardEvent, field: HTMLTextAreaElement): boolean {
  if (!isAccel(event) || event.shiftKey) return false;
  const kind = WRAPS.get(letterOf(event));
  if (kind === undefined) return false;
  applyChange(field, wrap(selectedIn(field), kind));
  return true;
}
