import { useSignal } from "@preact/signals";
import { copyText } from "./dom.ts";
import { Icon } from "./Icon.tsx";
import { t } from "./text.ts";

const SHOWN_MS = 2000;

interface Props {
  readonly text: string;
  readonly tabIndex?: number;
}

/** Copies; says "Copied" for 2 s. */
export function CopyButton({ text, tabIndex }: Props) {
  const isCopied = useSignal(false);
  const copy = (event: MouseEvent): void => {
    const root = event.currentTarget instanceof Element ? event.currentTarget.getRootNode() : null;
    copyText(text, root instanceof ShadowRoot ? root : document.body).then((isDone) => {
      if (!isDone) return;
      isCopied.value = true;
      setTimeout(() => {
        isCopied.value = false;
      }, SHOWN_MS);
    });
  };
  return (
    <button
      type="button"
      class="jc-CopyButton"
      tabIndex={tabIndex}
      data-done={isCopied.value}
      onClick={copy}
    >
      <Icon name={isCopied.value ? "check" : "copy"} />
      {t(isCopied.value ? "copied" : "copy")}
    </button>
  );
}
