import { batch, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { ConversationStore } from "../store/conversation.ts";
import { IconButton } from "./IconButton.tsx";
import { t } from "./text.ts";
import { useUi } from "./ui.ts";

const TROUBLE_MS = 8000;
/** Shorter than the time to undo, which it keeps from running out. */
const HOLD_MS = 2000;

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
  const isHeld = useSignal(false);
  useEffect(() => {
    if (!isHeld.value) return;
    const timer = setInterval(() => postpone(store, seq), HOLD_MS);
    return () => clearInterval(timer);
  }, [isHeld.value]);
  const hold = (): void => {
    isHeld.value = true;
  };
  const release = (): void => {
    isHeld.value = false;
  };
  return (
    <div
      class="jc-Toast"
      onPointerEnter={hold}
      onPointerLeave={release}
      onFocusIn={hold}
      onFocusOut={release}
    >
      <span>{t("deletedToast")}</span>
      <button type="button" class="jc-TextButton" onClick={undo}>
        {t("undo")}
      </button>
    </div>
  );
}

/** Begins the time to undo anew. */
function postpone(store: ConversationStore, seq: number): void {
  batch(() => {
    store.undoDelete(seq);
    store.deleteSoon(seq);
  });
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
          <span>{trouble.text}</span>
          <IconButton icon="close" label={t("dismiss")} onClick={dismiss} />
        </div>
      )}
    </div>
  );
}
