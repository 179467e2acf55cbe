// Sending and saving what is in the composer.

import { nameToEmoji } from "./emoji-text.ts";
import { roomLeft } from "./text-length.ts";
import type { Ui } from "./ui.ts";

/** Whether Send would do something now. Reads signals, so a component follows it. */
export function canSend(ui: Ui, now: number): boolean {
  const text = ui.text.value.value;
  const { store } = ui;
  if (ui.mode.value.kind !== "edit") {
    if (text.trim() === "" || store.slowUntil.value > now || !store.hasRoom(text)) return false;
  }
  return roomLeft(text, store.limits.value.text_bytes).state !== "over";
}

/** Sends a message, or saves the edited one. */
export function send(ui: Ui): void {
  if (!canSend(ui, Date.now())) return;
  const { store, list, emoji } = ui;
  const mode = ui.mode.peek();
  const typed = ui.text.peek().peek();
  const text = tidy(nameToEmoji(typed, (name) => emoji.value.peek().named(name)?.emoji));
  if (mode.kind === "edit") {
    ui.leaveMode(true);
    if (text !== "") return save(ui, mode.seq, text);
    ui.asking.value = mode.seq;
    list.toSeq(mode.seq);
    return;
  }
  if (!store.post(text, mode.kind === "reply" ? mode.seq : null)) return;
  ui.leaveMode(true);
  store.draft.value = "";
  store.typingNow(false);
  list.divider.value = null;
  store.markRead(Number.POSITIVE_INFINITY); // else the divider is back after a reload
  list.toEnd();
  ui.focusComposer();
}

function save(ui: Ui, seq: number, text: string): void {
  if (ui.list.bySeq.peek().get(seq)?.text !== text) ui.store.edit(seq, text);
  ui.focusComposer();
}

/** Without blank lines at the start and space at the end; indentation stays. */
function tidy(text: string): string {
  return text.replace(/^(?:[^\S\n]*\n)+/, "").trimEnd();
}
