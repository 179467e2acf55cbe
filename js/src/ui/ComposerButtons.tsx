import { Icon } from "./Icon.tsx";
import { IconButton } from "./IconButton.tsx";
import { canSend, send } from "./sending.ts";
import { t } from "./text.ts";
import { useUi } from "./ui.ts";
import { useNow } from "./use-now.ts";

export function ComposerButtons() {
  const ui = useUi();
  const isEdit = ui.mode.value.kind === "edit";
  const now = useNow(ui.store.slowUntil.value > Date.now());
  const label = t(isEdit ? "save" : "send");
  return (
    <div class="jc-Composer-buttons">
      <IconButton
        icon="smile"
        label={t("emoji")}
        popup="dialog"
        expanded={ui.panel.value?.kind === "picker" && ui.panel.value.use.kind === "insert"}
        onClick={(event) =>
          ui.toggle({ kind: "picker", key: null, use: { kind: "insert" } }, event.currentTarget)
        }
      />
      <button
        type="button"
        class="jc-Send"
        disabled={!canSend(ui, now)}
        aria-label={label}
        data-tip={label}
        onClick={() => {
          send(ui);
          ui.focusComposer();
        }}
      >
        {isEdit ? label : <Icon name="send" />}
      </button>
    </div>
  );
}
