import { type Signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Trouble as Refused } from "../store/conversation.ts";
import type { MessageId } from "../store/deletions.ts";
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
  const deleting = new Map<number, MessageId[]>();
  for (const [id, at] of store.deleting.value) deleting.set(at, [...(deleting.get(at) ?? []), id]);
  return (
    <div class="jc-Toasts">
      <Trouble />
      <div role="status">
        {[...deleting.values()].slice(-3).map((ids) => (
          <UndoToast key={ids[0]} ids={ids} />
        ))}
      </div>
    </div>
  );
}

/** For all that was deleted at once. */
function UndoToast({ ids }: { readonly ids: readonly MessageId[] }) {
  const { store, list } = useUi();
  const edited = store.messages.value.find(({ commandId }) => commandId === ids[0]);
  const undo = (): void => {
    store.undoDelete(...ids);
    const message =
      edited ?? store.messages.peek().find(({ seq, commandId }) => ids[0] === (seq ?? commandId));
    if (message === undefined) return;
    if (message.seq === null) list.toEnd();
    else list.toSeq(message.seq);
    list.focusKey(message.key);
  };
  const hovered = useSignal(false);
  const focused = useSignal(false);
  const isHeld = hovered.value || focused.value;
  useEffect(() => {
    if (!isHeld) return;
    const postpone = (): void => store.deleteSoon(...ids);
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
      <span>{edited ? t("discardedToast") : t("deletedToast", ids.length)}</span>
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
