import { useUi } from "../ui.ts";
import { Menu, type MenuItem } from "./Menu.tsx";
import { t } from "./text.ts";

export function HeaderMenu() {
  const ui = useUi();
  const { store, list } = ui;
  const opener = ui.panel.value?.opener ?? null;
  const items: MenuItem[] = [
    {
      icon: "keyboard",
      label: t("shortcuts"),
      hint: "?",
      run: () => ui.open({ kind: "shortcuts" }, opener),
    },
  ];
  if (store.canWrite.value) {
    items.unshift({
      icon: "edit",
      label: t("rename"),
      run: () => ui.rename(),
    });
  }
  const last = store.messages.value.findLast((message) => message.seq !== null)?.seq;
  if (store.unread.value > 0 && typeof last === "number") {
    items.push({
      icon: "read",
      label: t("markAllRead"),
      run: () => {
        store.markRead(last);
        list.divider.value = null;
      },
    });
  }
  return <Menu items={items} />;
}
