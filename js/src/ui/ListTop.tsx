import { longDate } from "./dates.ts";
import { nameOf } from "./phrases.ts";
import { Skeleton } from "./Skeleton.tsx";
import { t } from "./text.ts";
import { useUi } from "./ui.ts";

/** Above the first message: the beginning, older ones on their way, or why they are not. */
export function ListTop() {
  const { store, list } = useUi();
  const older = store.older.value;
  if (list.hasAbove.value || list.messages.value.length === 0) return null;
  switch (older) {
    case "none":
      return <Beginning />;
    case "failed":
      return (
        <p class="jc-ListTop" role="status">
          {t("olderFailed")}{" "}
          <button type="button" class="jc-TextButton" onClick={() => store.loadOlder()}>
            {t("retry")}
          </button>
        </p>
      );
    case "loading":
      return <Skeleton rows={3} label={t("loadingOlder")} />;
    case "idle":
      return null;
  }
}

function Beginning() {
  const { store, title } = useUi();
  const info = store.info.value;
  const isWhole = (info?.floor ?? 1) === 1;
  return (
    <div class="jc-Beginning">
      <p class="jc-Beginning-title">{isWhole ? t("beginning", title.value) : t("pruned")}</p>
      {info !== null && (
        <p>
          {t("createdBy", longDate(info.created_at), nameOf(store.members.value, info.created_by))}
        </p>
      )}
    </div>
  );
}
