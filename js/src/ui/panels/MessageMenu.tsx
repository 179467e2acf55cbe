import { act, allowedActions, type MessageAction } from "../message-actions.ts";
import { useUi } from "../ui.ts";
import { Menu } from "./Menu.tsx";
import type { IconName } from "./MenuIcon.tsx";
import { type TextKey, t } from "./text.ts";

const ITEMS: Readonly<Record<MessageAction, readonly [IconName, TextKey, string]>> = {
  react: ["react", "react", "+"],
  reply: ["reply", "reply", "R"],
  copy: ["copy", "copyText", "C"],
  unread: ["unread", "markUnread", "U"],
  edit: ["edit", "edit", "E"],
  discard: ["undo", "discardEdit", "D"],
  delete: ["trash", "delete", "Del"],
};

export function MessageMenu({ messageKey }: { readonly messageKey: string }) {
  const ui = useUi();
  const message = ui.store.messages.value.find((each) => each.key === messageKey);
  const opener = ui.panel.value?.opener;
  if (message === undefined || opener === undefined) return null;
  const items = allowedActions(message, ui.store).map((action) => {
    const [icon, label, hint] = ITEMS[action];
    const isDanger = action === "delete";
    return {
      icon,
      label: t(label),
      hint,
      isDanger,
      run: () => void act(action, message, ui, opener),
    };
  });
  return <Menu items={items} />;
}
