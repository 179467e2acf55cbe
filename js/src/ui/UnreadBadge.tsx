import { number, t } from "./text.ts";
import { useUi } from "./ui.ts";

const MAX = 99;

/** How many messages are unread, while the list is not at the end. */
export function UnreadBadge() {
  const { store, list } = useUi();
  const count = store.unread.value;
  if (count === 0 || list.atEnd.value) return null;
  return (
    <span class="jc-Badge" data-kind="unread" role="img" aria-label={t("unreadBadge", count)}>
      {count > MAX ? t("manyUnread") : number(count)}
    </span>
  );
}
