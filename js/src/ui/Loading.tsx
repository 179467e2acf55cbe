import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { Skeleton } from "./Skeleton.tsx";
import { t } from "./text.ts";
import { useUi } from "./ui.ts";
import { useNow } from "./use-now.ts";

const STILL_MS = 8000;

/** Before the first messages are there: shapes, then words, or why they don't come. */
export function Loading() {
  const { store } = useUi();
  const link = store.link.value;
  const start = useSignal(Date.now()).value;
  const now = useNow(true);
  const reason = useRef<string | null>(null); // stays while it is tried again
  if (link.state === "offline") reason.current = t("loadFailed", t("loadOffline"));
  else if (link.state === "waiting") reason.current = link.why || t("loadFailed", t("loadSilent"));
  else if (link.state === "live") reason.current = null;
  if (link.state === "ended") return <div class="jc-Loading" />;
  if (reason.current !== null) {
    return (
      <div class="jc-Loading" role="status">
        <p>{reason.current}</p>
        <button type="button" class="jc-Button" onClick={() => store.reconnectNow()}>
          {t("retry")}
        </button>
      </div>
    );
  }
  return (
    <div class="jc-Loading" data-kind="skeleton">
      <Skeleton rows={4} label={t("loading")} />
      {now - start > STILL_MS && <p role="status">{t("loadingStill")}</p>}
    </div>
  );
}
