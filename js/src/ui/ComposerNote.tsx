import { hasRoom } from "./sending.ts";
import { t } from "./text.ts";
import { roomLeft } from "./text-length.ts";
import { useUi } from "./ui.ts";
import { useNow } from "./use-now.ts";

/** Below the field: how much fits, or how long to wait; said once, without what counts down. */
export function ComposerNote() {
  const ui = useUi();
  const { slowUntil, limits } = ui.store;
  const now = useNow(slowUntil.value > Date.now());
  const wait = Math.ceil((slowUntil.value - now) / 1000);
  const room = roomLeft(ui.text.value.value, limits.value.text_bytes);
  const isOver = room.state === "over";
  const waiting = useWaiting();
  return (
    <>
      <span class="jc-Hidden" role="status">
        {isOver ? t("tooLong") : (waiting ?? (wait > 0 && t("slowDownSaid")))}
      </span>
      {(wait > 0 || waiting !== null || room.state !== "plenty") && (
        <div class="jc-Note">
          {waiting !== null && <span>{waiting}</span>}
          {wait > 0 && <span>{t("slowDown", wait)}</span>}
          {room.state === "little" && (
            <span class="jc-Note-end">{t("charactersLeft", room.left)}</span>
          )}
          {isOver && (
            <span class="jc-Note-end" data-kind="error">
              {t("shortenBy", room.by)}
            </span>
          )}
        </div>
      )}
    </>
  );
}

/** What the writer has to know of what waits to be sent. */
function useWaiting(): string | null {
  const ui = useUi();
  const { store } = ui;
  if (!hasRoom(ui)) return t("queueFull");
  const isLost = store.link.value.state !== "live" && store.loaded.value;
  return isLost && store.isPageOnly.value ? t("pageOnly") : null;
}
