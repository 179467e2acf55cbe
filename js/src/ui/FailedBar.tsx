import { Icon } from "./Icon.tsx";
import { Leaving } from "./Leaving.tsx";
import { t } from "./text.ts";
import { useUi } from "./ui.ts";

/** When several messages could not be sent: all of them at once. */
export function FailedBar() {
  const { store } = useUi();
  const failed = store.messages.value.flatMap(({ delivery, commandId }) =>
    delivery.state === "failed" && commandId !== null ? commandId : [],
  );
  if (failed.length < 2) return null;
  return (
    <div class="jc-Bar" data-tone="error" role="alert">
      <Icon name="alert" />
      <span class="jc-Bar-text">{t("failedBar", failed.length)}</span>
      <Leaving>
        <button type="button" class="jc-TextButton" onClick={() => failed.map(store.retry, store)}>
          {t("retryAll")}
        </button>
        <button type="button" class="jc-TextButton" onClick={() => store.deleteSoon(...failed)}>
          {t("deleteAll")}
        </button>
      </Leaving>
    </div>
  );
}
