import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { ShownMessage } from "../store/conversation.ts";
import { Icon } from "./Icon.tsx";
import { Pill } from "./Pill.tsx";
import { t } from "./text.ts";
import { useUi } from "./ui.ts";

const MAX_PILLS = 8;

interface Props {
  readonly seq: number;
  readonly messageKey: string;
  readonly reactions: ShownMessage["reactions"];
}

/** The reactions under a message, in order of first use. */
export function Reactions({ seq, messageKey, reactions }: Props) {
  const ui = useUi();
  const showsAll = useSignal(false);
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const pills = box.current?.querySelectorAll<HTMLElement>(".jc-Pill");
    if (showsAll.value) pills?.[MAX_PILLS]?.focus(); // in the place of what was clicked
  }, [showsAll.value]);
  if (reactions.length === 0) return null;
  const hidden = showsAll.value ? 0 : Math.max(0, reactions.length - MAX_PILLS);
  const canReact = ui.store.canWrite.value;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would need a form
    <div class="jc-Reactions" ref={box} role="group" aria-label={t("reactions")}>
      {reactions.slice(0, reactions.length - hidden).map((reaction) => (
        <Pill key={reaction.emoji} seq={seq} reaction={reaction} />
      ))}
      {hidden > 0 && (
        <button
          type="button"
          class="jc-Pill"
          tabIndex={-1}
          onClick={() => {
            showsAll.value = true;
          }}
        >
          {t("moreReactions", hidden)}
        </button>
      )}
      {canReact && (
        <button
          type="button"
          class="jc-Pill"
          data-kind="add"
          tabIndex={-1}
          aria-label={t("addReaction")}
          data-tip={t("addReaction")}
          aria-haspopup="dialog"
          onClick={(event) =>
            ui.toggle(
              { kind: "picker", key: messageKey, use: { kind: "react", seq } },
              event.currentTarget,
            )
          }
        >
          <Icon name="react" />
        </button>
      )}
    </div>
  );
}
