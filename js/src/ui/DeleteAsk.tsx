import { useLayoutEffect, useRef } from "preact/hooks";
import { t } from "./text.ts";
import { useUi } from "./ui.ts";

interface Props {
  readonly seq: number;
  readonly messageKey: string;
}

/** Asks in the message itself whether to delete it. */
export function DeleteAsk({ seq, messageKey }: Props) {
  const { store, asking, list } = useUi();
  const button = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => button.current?.focus({ preventScroll: true }), []);
  const leave = (): void => {
    asking.value = null;
    list.focusKey(messageKey);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    leave();
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would need a form
    <div class="jc-Ask" role="group" aria-label={t("deleteAsk")} onKeyDown={onKeyDown}>
      <span>{t("deleteAsk")}</span>
      <button
        type="button"
        class="jc-Button"
        data-kind="danger"
        ref={button}
        onClick={() => {
          asking.value = null;
          store.deleteSoon(seq);
        }}
      >
        {t("delete")}
      </button>
      <button type="button" class="jc-Button" onClick={leave}>
        {t("cancel")}
      </button>
    </div>
  );
}
