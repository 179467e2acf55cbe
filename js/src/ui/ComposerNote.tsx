import { t } from "./text.ts";
import { roomLeft } from "./text-length.ts";
import { useUi } from "./ui.ts";
import { useNow } from "./use-now.ts";

/** Below the field: how much fits, or how long to wait. */
export function ComposerNote() {
  const ui = useUi();
  const { slowUntil, limits } = ui.store;
  const now = useNow(slowUntil.value > Date.now());
  const wait = Math.ceil((slowUntil.value - now) / 1000);
  const room = roomLeft(ui.text.value.value, limits.value.text_bytes);
  if (wait <= 0 && room.state === "plenty") return null;
  return (
    <div class="jc-Note">
      {wait > 0 && <span role="status">{t("slowDown", wait)}</span>}
      {room.state === "little" && <span class="jc-Note-end">{t("charactersLeft", room.left)}</span>}
      {room.state === "over" && (
        <span class="jc-Note-end" data-kind="error" role="status">
          {t("shortenBy", room.by)}
        </span>
      )}
    </div>
  );
}
