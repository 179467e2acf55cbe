import { IconButton } from "./IconButton.tsx";
import { firstLine, nameOf } from "./phrases.ts";
import { t } from "./text.ts";
import { useUi } from "./ui.ts";

/** What is being edited or replied to, with a way out. */
export function ComposerMode() {
  const ui = useUi();
  const mode = ui.mode.value;
  if (mode.kind === "write") return null;
  const leave = (): void => {
    ui.leaveMode(true);
    ui.focusComposer();
  };
  if (mode.kind === "edit") {
    return (
      <div class="jc-Mode" data-kind="edit">
        <span class="jc-Mode-what">{t("editing")}</span>
        <button type="button" class="jc-TextButton" onClick={leave}>
          {t("cancel")}
        </button>
      </div>
    );
  }
  if (mode.epoch !== ui.epoch) return null; // nor is it sent as a reply
  const quoted = ui.list.bySeq.value.get(mode.seq);
  const isGone = quoted === undefined || quoted.redacted;
  const author = quoted === undefined ? "" : nameOf(ui.store.members.value, quoted.author);
  return (
    <div class="jc-Mode" data-kind="reply">
      <span class="jc-Mode-what">
        <bdi>{t("replyingTo", author)}</bdi>
      </span>
      <span class="jc-Mode-text" dir="auto">
        {isGone ? t("deleted") : firstLine(quoted.text)}
      </span>
      <IconButton icon="close" label={t("stopReplying")} onClick={leave} />
    </div>
  );
}
