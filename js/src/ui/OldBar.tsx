import { writtenAt } from "./dates.ts";
import { Icon } from "./Icon.tsx";
import { Leaving } from "./Leaving.tsx";
import { t } from "./text.ts";
import { useUi } from "./ui.ts";

/** Messages that waited for a day or more are sent only if their author still wants it. */
export function OldBar() {
  const ui = useUi();
  const { store } = ui;
  const old = store.old.value;
  const [first] = old;
  if (first === undefined) return null;
  const discard = (): void => {
    store.deleteSoon(...old.map(({ commandId }) => commandId ?? ""));
  };
  return (
    <div class="jc-Bar" data-kind="old" role="alert">
      <Icon name="clock" />
      <span class="jc-Bar-text">
        {t("askOld", old.length, writtenAt(first.at, Date.now() / 1000))}
      </span>
      <Leaving>
        <button type="button" class="jc-TextButton" onClick={() => store.confirmOld()}>
          {t("send")}
        </button>
        <button type="button" class="jc-TextButton" onClick={discard}>
          {t("discard")}
        </button>
        <button type="button" class="jc-TextButton" onClick={() => ui.edit(first)}>
          {t("edit")}
        </button>
      </Leaving>
    </div>
  );
}
