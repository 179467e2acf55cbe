import { Skeleton } from "./Skeleton.tsx";
import { t } from "./text.ts";
import { useUi } from "./ui.ts";
import { useNow } from "./use-now.ts";

const STILL_MS = 8000;

/** Before the first messages are there: shapes, then words, or why they don't come. */
export function Loading() {
  const { store } = useUi();
  const link = store.link.value;
  const now = useNow(true);
  if (link.state === "waiting" || link.state === "offline") {
    return (
      <div class="jc-Loading" role="status">
        <p>{t("loadFailed")}</p>
        <button type="button" class="jc-Button" onClick={() => store.reconnectNow()}>
          {t("retry")}
        </button>
      </div>
    );
  }
  if (link.state === "ended") return <div class="jc-Loading" />;
  const isLong = "since" in link && now - link.since > STILL_MS;
  return (
    <div class="jc-Loading" data-kind="skeleton">
      <Skeleton rows={4} label={t("loading")} />
      {isLong && <p role="status">{t("loadingStill")}</p>}
    </div>
  );
}
