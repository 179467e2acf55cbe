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
  return (
    <>
      <span class="jc-Hidden" role="status">
        {isOver ? t("tooLong") : wait > 0 && t("slowDownSaid")}
      </span>
      {(wait > 0 || room.state !== "plenty") && (
        <div class="jc-Note">
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
