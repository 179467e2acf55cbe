import { type Signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Trouble as Refused } from "../store/conversation.ts";
import { IconButton } from "./IconButton.tsx";
import { Leaving } from "./Leaving.tsx";
import { type TextKey, t } from "./text.ts";
import { useUi } from "./ui.ts";

const TROUBLE_MS = 8000;
/** Shorter than the time to undo, which it keeps from running out. */
const HOLD_MS = 2000;

const FAILED: Readonly<Record<Refused["about"], TextKey>> = {
  post: "couldntSend",
  edit: "couldntEdit",
  redact: "couldntDelete",
  react: "couldntReact",
  unreact: "couldntReact",
  rename: "couldntRename",
};

/** What just happened to my own doing: a deletion to undo, a refusal. */
export function Toasts() {
  const { store } = useUi();
  const deleting = [...store.deleting.value.keys()];
  return (
    <div class="jc-Toasts">
      <Trouble />
      <div role="status">
        {deleting.slice(-3).map((seq) => (
          <UndoToast key={seq} seq={seq} />
        ))}
      </div>
    </div>
  );
}

function UndoToast({ seq }: { readonly seq: number }) {
  const { store, list } = useUi();
  const undo = (): void => {
    store.undoDelete(seq);
    list.toSeq(seq);
    const key = list.bySeq.peek().get(seq)?.key;
    if (key !== undefined) list.focusKey(key);
  };
  const hovered = useSignal(false);
  const focused = useSignal(false);
  const isHeld = hovered.value || focused.value;
  useEffect(() => {
    if (!isHeld) return;
    const postpone = (): void => store.deleteSoon(seq);
    postpone();
    const timer = setInterval(postpone, HOLD_MS);
    return () => clearInterval(timer);
  }, [isHeld]);
  return (
    <div
      class="jc-Toast"
      onPointerEnter={setter(hovered, true)}
      onPointerLeave={setter(hovered, false)}
      onFocusIn={setter(focused, true)}
      onFocusOut={setter(focused, false)}
    >
      <span>{t("deletedToast")}</span>
      <button type="button" class="jc-TextButton" onClick={undo}>
        {t("undo")}
      </button>
    </div>
  );
}

function setter(flag: Signal<boolean>, value: boolean): () => void {
  return () => {
    flag.value = value;
  };
}

/** The last refused reaction, rename, edit or deletion. */
function Trouble() {
  const { store } = useUi();
  const trouble = store.trouble.value;
  const seen = useSignal(trouble?.id ?? 0);
  const isNew = trouble !== null && trouble.id !== seen.value;
  const dismiss = (): void => {
    seen.value = trouble?.id ?? 0;
  };
  useEffect(() => {
    if (!isNew) return;
    const timer = setTimeout(dismiss, TROUBLE_MS);
    return () => clearTimeout(timer);
  }, [trouble?.id]);
  return (
    <div role="alert">
      {isNew && (
        <div class="jc-Toast" data-tone="error">
          <span>
            {t(FAILED[trouble.about])} {trouble.text}
          </span>
          <Leaving>
            <IconButton icon="close" label={t("dismiss")} onClick={dismiss} />
          </Leaving>
        </div>
      )}
    </div>
  );
}
