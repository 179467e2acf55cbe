import type { ShownMessage } from "../store/conversation.ts";
import { firstLine, nameOf } from "./phrases.ts";
import { t } from "./text.ts";
import { useUi } from "./ui.ts";

interface Props {
  readonly seq: number;
  readonly quoted: ShownMessage | null;
}

/** What a message replies to: author and first line; a click goes there. */
export function Quote({ seq, quoted }: Props) {
  const { store, list } = useUi();
  const isGone = quoted === null || quoted.redacted;
  const author = quoted === null ? "" : nameOf(store.members.value, quoted.author);
  const line = quoted === null ? t("notLoaded") : firstLine(quoted.text);
  const text = quoted?.redacted ? t("deleted") : line;
  return (
    <button
      type="button"
      class="jc-Quote"
      tabIndex={-1}
      disabled={quoted === null}
      onClick={() => list.toSeq(seq)}
    >
      {!isGone && (
        <>
          <span class="jc-Hidden">{t("replyTo")} </span>
          <bdi class="jc-Quote-author">{author}</bdi>
        </>
      )}
      <span class="jc-Quote-text" dir="auto">
        {text}
      </span>
    </button>
  );
}
