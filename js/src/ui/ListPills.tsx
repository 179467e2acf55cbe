import { Icon } from "./Icon.tsx";
import { t } from "./text.ts";
import { useUi } from "./ui.ts";

/** Over the list: back to the unread divider, on to the end. */
export function ListPills() {
  const ui = useUi();
  const { list, store } = ui;
  const unread = store.unread.value;
  return (
    <>
      {list.dividerAbove.value && (
        <button type="button" class="jc-Jump" data-at="top" onClick={() => list.toDivider()}>
          <Icon name="up" />
          {t("unreadAbove", list.unreadAtOpening.value)}
        </button>
      )}
      {list.farFromEnd.value && (
        <button
          type="button"
          class="jc-Jump"
          data-at="bottom"
          data-kind={unread > 0 ? "accent" : undefined}
          onClick={() => ui.toEnd()}
        >
          <Icon name="down" />
          {unread > 0 ? t("newMessages", unread) : t("latest")}
        </button>
      )}
    </>
  );
}
