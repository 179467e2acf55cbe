import type { Signal } from "@preact/signals";
import { fence, looksLikeCode } from "../compose.ts";
import { Icon } from "../Icon.tsx";
import { useUi } from "../ui.ts";
import { applyChange } from "./change.ts";
import { t } from "./text.ts";

/** Where in the text something was pasted that looks like code. */
export interface Pasted {
  readonly start: number;
  readonly end: number;
}

/** Offers to wrap what was pasted; does nothing by itself. */
export function PastedCode({ pasted }: { readonly pasted: Signal<Pasted | null> }) {
  const ui = useUi();
  const where = pasted.value;
  if (where === null) return null;
  const wrapIt = (): void => {
    if (ui.field !== null) applyChange(ui.field, fence({ text: ui.field.value, ...where }));
    pasted.value = null;
  };
  return (
    <div class="jc-Chips">
      <button type="button" class="jc-Button" onClick={wrapIt}>
        {t("wrapAsCode")}
      </button>
      <button
        type="button"
        class="jc-IconButton"
        aria-label={t("dismiss")}
        data-tip={t("dismiss")}
        onClick={() => {
          pasted.value = null;
          ui.focusComposer();
        }}
      >
        <Icon name="close" />
      </button>
    </div>
  );
}

/** Remembers pasted code, after the paste itself has come in as input. */
export function notePaste(event: ClipboardEvent, pasted: Signal<Pasted | null>): void {
  const text = (event.clipboardData?.getData("text/plain") ?? "").replaceAll("\r\n", "\n");
  const field = event.currentTarget;
  if (!(field instanceof HTMLTextAreaElement) || !looksLikeCode(text)) return;
  const start = field.selectionStart;
  setTimeout(() => {
    pasted.value = { start, end: start + text.length };
  });
}
