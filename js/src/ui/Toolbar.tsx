import { useMemo } from "preact/hooks";
import type { ShownMessage } from "../store/conversation.ts";
import { shortTime } from "./dates.ts";
import { favourites, habits, react } from "./emoji-habits.ts";
import { IconButton } from "./IconButton.tsx";
import { Time } from "./Time.tsx";
import { t } from "./text.ts";
import { useUi } from "./ui.ts";

interface Props {
  readonly message: ShownMessage;
  /** It has no header of its own to say the time. */
  readonly hasTime: boolean;
  /** With my most used emoji; else only the plain buttons. */
  readonly isFull: boolean;
}

/** What can be done with a message, over its top end corner. */
export function Toolbar({ message: { seq, key, at }, isFull, hasTime }: Props) {
  const ui = useUi();
  // Not followed while it shows: the one clicked stays under the pointer
  const mostUsed = useMemo(() => favourites(habits.peek()), [isFull]);
  const canWrite = ui.store.canWrite.value && seq !== null;
  return (
    <div class="jc-Toolbar" role="toolbar" aria-label={t("toolbar")} data-full={isFull}>
      {hasTime && isFull && <Time at={at} text={shortTime(at)} />}
      {canWrite &&
        isFull &&
        mostUsed.map((emoji) => (
          <button
            key={emoji}
            type="button"
            class="jc-IconButton"
            data-kind="emoji"
            tabIndex={-1}
            aria-label={t("reactWith", emoji)}
            data-tip={t("reactWith", emoji)}
            onClick={() => react(ui, seq, emoji)}
          >
            <span class="jc-Emoji">{emoji}</span>
          </button>
        ))}
      {canWrite && (
        <>
          <IconButton
            icon="react"
            label={t("react")}
            tabIndex={-1}
            popup="dialog"
            onClick={(event) =>
              ui.toggle({ kind: "picker", key, use: { kind: "react", seq } }, event.currentTarget)
            }
          />
          <span class="jc-Toolbar-reply">
            <IconButton
              icon="reply"
              label={t("reply")}
              tabIndex={-1}
              onClick={() => ui.reply(seq)}
            />
          </span>
        </>
      )}
      <IconButton
        icon="more"
        label={t("moreActions")}
        tabIndex={-1}
        popup="menu"
        onClick={(event) => ui.toggle({ kind: "message", key }, event.currentTarget)}
      />
    </div>
  );
}
