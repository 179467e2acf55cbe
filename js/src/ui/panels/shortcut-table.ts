// The keyboard map, as the shortcuts panel shows it.

import { isMac } from "../dom.ts";
import type { TextKey } from "./text.ts";

const ACCEL = isMac ? "⌘" : "Ctrl";

type Shortcut = readonly [keys: string, does: TextKey];

export interface ShortcutGroup {
  readonly title: TextKey;
  /** Keys are separated by spaces. */
  readonly shortcuts: readonly Shortcut[];
}

export const SHORTCUTS: readonly ShortcutGroup[] = [
  {
    title: "keysWriting",
    shortcuts: [
      ["Enter", "send"],
      ["Shift Enter", "keyNewLine"],
      ["↑", "keyEditLast"],
      [`${ACCEL} B`, "keyBold"],
      [`${ACCEL} I`, "keyItalic"],
      [`${ACCEL} E`, "code"],
      [`${ACCEL} K`, "keyLink"],
      [":", "keyEmoji"],
      ["Esc", "keyToList"],
    ],
  },
  {
    title: "messages",
    shortcuts: [
      ["↑ ↓", "keyUpDown"],
      ["Home End", "keyHomeEnd"],
      ["PageUp PageDown", "keyPage"],
      ["Enter →", "keyInto"],
      ["R", "reply"],
      ["E", "edit"],
      ["+", "react"],
      ["C", "copyText"],
      ["U", "markUnread"],
      ["D", "keyDiscard"],
      ["Delete", "delete"],
      ["Esc", "keyToField"],
    ],
  },
  {
    title: "keysEverywhere",
    shortcuts: [
      [`${ACCEL} End`, "keyLatest"],
      [`${ACCEL} /`, "shortcuts"],
      ["?", "keyHelp"],
      [`${ACCEL} S`, "keySave"],
      ["↑ ↓", "keyHeight"],
      ["Esc Esc", "keyLeave"],
    ],
  },
];
