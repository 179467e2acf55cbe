// What can be done with a message, for the menu and the keyboard alike.

import type { ConversationStore, ShownMessage } from "../store/conversation.ts";
import { copyText } from "./dom.ts";
import type { Ui } from "./ui.ts";

export type MessageAction = "react" | "reply" | "copy" | "edit" | "discard" | "delete" | "unread";

/** What I may do with it; the rest is not offered. */
export function allowedActions(
  message: ShownMessage,
  store: ConversationStore,
): readonly MessageAction[] {
  if (message.redacted) return [];
  const { commandId } = message;
  if (message.seq === null) return commandId === null ? [] : ["edit", "copy", "delete"];
  const me = store.me.value;
  const isMine = message.author === me?.id;
  const rules: readonly (readonly [MessageAction, boolean])[] = [
    ["react", store.canWrite.value],
    ["reply", store.canWrite.value],
    ["copy", true],
    ["unread", !isMine],
    ["edit", isMine && store.canWrite.value],
    ["discard", commandId !== null && !store.deleting.value.has(commandId)],
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
  const { seq } = message;
  if (!allowedActions(message, ui.store).includes(action)) return false;
  if (seq === null) actUnsent(action, message, ui);
  else actSent(action, { ...message, seq }, { ui, opener });
  return true;
}

/** What was not sent can only be taken back. */
function actUnsent(action: MessageAction, message: ShownMessage, ui: Ui): void {
  if (action === "copy") return void copyText(message.text, ui.view.root);
  if (action === "edit") return ui.edit(message);
  if (message.commandId !== null) ui.store.deleteSoon(message.commandId);
  ui.focusComposer();
}

interface From {
  readonly ui: Ui;
  readonly opener: HTMLElement;
}

function actSent(
  action: MessageAction,
  message: ShownMessage & { readonly seq: number },
  { ui, opener }: From,
): void {
  const { seq, key, commandId } = message;
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
    case "discard":
      ui.store.deleteSoon(commandId ?? "");
      break;
    case "delete":
      ui.asking.value = seq;
      break;
    case "unread":
      ui.list.markUnread(seq);
      break;
  }
}
