import type { ShownMessage } from "../store/conversation.ts";
import { Icon } from "./Icon.tsx";
import { t } from "./text.ts";
import { useUi } from "./ui.ts";

/** Why a message of mine was not sent, and what can be done. */
export function NotSent({ message }: { readonly message: ShownMessage }) {
  const ui = useUi();
  const { store } = ui;
  const { delivery, commandId } = message;
  if (delivery.state !== "failed" || commandId === null) return null;
  return (
    <div class="jc-NotSent" role="alert">
      <span>
        <Icon name="alert" />
        {t("notSent", delivery.reason)}
      </span>
      <span class="jc-NotSent-do">
        <button
          type="button"
          class="jc-TextButton"
          tabIndex={-1}
          onClick={() => store.retry(commandId)}
        >
          {t("retry")}
        </button>
        <button type="button" class="jc-TextButton" tabIndex={-1} onClick={() => ui.edit(message)}>
          {t("edit")}
        </button>
        <button
          type="button"
          class="jc-TextButton"
          tabIndex={-1}
          onClick={() => {
            store.deleteSoon(commandId);
            ui.focusComposer();
          }}
        >
          {t("delete")}
        </button>
      </span>
    </div>
  );
}
