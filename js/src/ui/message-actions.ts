// What can be done with a message, for the menu and the keyboard alike.

import type { ConversationStore, ShownMessage } from "../store/conversation.ts";
import { copyText } from "./dom.ts";
import type { Ui } from "./ui.ts";

export type MessageAction = "react" | "reply" | "copy" | "edit" | "delete" | "unread";

/** What I may do with it; the rest is not offered. */
export function allowedActions(
  message: ShownMessage,
  store: ConversationStore,
): readonly MessageAction[] {
  if (message.seq === null || message.redacted) return [];
  const me = store.me.value;
  const isMine = message.author === me?.id;
  const rules: readonly (readonly [MessageAction, boolean])[] = [
    ["react", store.canWrite.value],
    ["reply", store.canWrite.value],
    ["copy", true],
    ["unread", !isMine],
    ["edit", isMine && store.canWrite.value],
    [
      "delete",
      store.canWrite.value && (isMine || me?.role === "moderator" || me?.role === "owner"),
    ],
  ];
  return rules.filter(([, isAllowed]) => isAllowed).map(([action]) => action);
}

/** Does it if it is allowed; says whether it was. */
export function act(
  action: MessageAction,
  message: ShownMessage,
  ui: Ui,
  opener: HTMLElement,
): boolean {
  const { seq, key } = message;
  if (seq === null || !allowedActions(message, ui.store).includes(action)) return false;
  switch (action) {
    case "react":
      ui.open({ kind: "picker", key, use: { kind: "react", seq } }, opener);
      break;
    case "reply":
      ui.reply(seq);
      break;
    case "copy":
      void copyText(message.text, ui.view.root);
      break;
    case "edit":
      ui.edit(message);
      break;
    case "delete":
      ui.asking.value = seq;
      break;
    case "unread":
      ui.list.markUnread(seq);
      break;
  }
  return true;
}
