// Sending and saving what is in the composer.

import type { ShownMessage } from "../store/conversation.ts";
import { nameToEmoji } from "./emoji-text.ts";
import { roomLeft } from "./text-length.ts";
import type { Ui } from "./ui.ts";

/** Whether Send would do something now. Reads signals, so a component follows it. */
export function canSend(ui: Ui, now: number): boolean {
  const text = ui.text.value.value;
  const { store } = ui;
  if (ui.mode.value.kind !== "edit" && (text.trim() === "" || store.slowUntil.value > now)) {
    return false;
  }
  return hasRoom(ui) && roomLeft(text, store.limits.value.text_bytes).state !== "over";
}

/** Whether what is written can wait until it is sent, if it has to. Reads signals. */
export function hasRoom({ mode, text, store }: Ui): boolean {
  const now = mode.value;
  const typed = text.value.value;
  const before = now.kind === "edit" ? now.message : null;
  const isNothing = typed.trim() === "" || typed === before?.text;
  return isNothing || store.hasRoom(typed, before?.commandId);
}

/** Sends a message, or saves the edited one. */
export function send(ui: Ui): void {
  if (!canSend(ui, Date.now())) return;
  const { store, list, emoji } = ui;
  const mode = ui.mode.peek();
  const typed = ui.text.peek().peek();
  const text = tidy(nameToEmoji(typed, (name) => emoji.value.peek().named(name)?.emoji));
  if (mode.kind === "edit") {
    if (mode.message.seq !== null && mode.epoch !== ui.epoch) {
      ui.leaveMode(true);
      return ui.write(text); // to be sent as a new message, if it still makes sense
    }
    return ui.leaveMode(true, () => save(ui, mode.message, text));
  }
  const isReply = mode.kind === "reply" && mode.epoch === ui.epoch;
  if (!store.post(text, isReply ? mode.seq : null)) return;
  ui.leaveMode(true);
  store.draft.value = "";
  store.typingNow(false);
  list.divider.value = null;
  store.markRead(Number.POSITIVE_INFINITY); // else the divider is back after a reload
  list.toEnd();
  ui.focusComposer();
}

/** It may have been sent since its edit began. */
function save(ui: Ui, before: ShownMessage, text: string): void {
  const { store, list, asking } = ui;
  const message = store.messages.peek().find(({ key }) => key === before.key) ?? before;
  const { seq, commandId } = message;
  ui.focusComposer();
  if (text !== "") return void store.revise(message, text);
  if (seq === null && commandId !== null) return store.deleteSoon(commandId);
  asking.value = seq;
  if (seq !== null) list.toSeq(seq);
}

/** Without blank lines at the start and space at the end; indentation stays. */
function tidy(text: string): string {
  return text.replace(/^(?:[^\S\n]*\n)+/, "").trimEnd();
}
