import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { ShownMessage } from "../store/conversation.ts";
import { fullTime } from "./dates.ts";
import { Guard } from "./Guard.tsx";
import { Pending } from "./Pending.tsx";
import { isOnlyEmoji } from "./phrases.ts";
import { t } from "./text.ts";
import { useUi } from "./ui.ts";
import { useOverflow } from "./use-overflow.ts";

const MAX_HEIGHT = 600;

export function MessageBody({ message }: { readonly message: ShownMessage }) {
  const body = useRef<HTMLDivElement>(null);
  const isOpen = useSignal(false);
  const { isHigh } = useOverflow(body, MAX_HEIGHT, message.text).value;
  const isFolded = isHigh && !isOpen.value;
  return (
    <>
      <div
        class="jc-Body"
        id={`jc-${message.key}`}
        ref={body}
        data-mark
        data-folded={isFolded}
        data-emoji={isOnlyEmoji(message.text)}
      >
        {message.redacted ? (
          <p class="jc-Deleted">
            {t("deleted")}
            <Pending delivery={message.delivery} />
          </p>
        ) : (
          <Guard key={message.text} source={message.text}>
            <Content message={message} />
          </Guard>
        )}
      </div>
      {isHigh && (
        <button
          type="button"
          class="jc-TextButton"
          tabIndex={-1}
          onClick={() => {
            isOpen.value = !isOpen.value;
          }}
        >
          {t(isFolded ? "showMore" : "showLess")}
        </button>
      )}
    </>
  );
}

function Content({ message }: { readonly message: ShownMessage }) {
  const Markdown = useUi().markdown.value.value?.Markdown;
  const tail = <Tail message={message} />;
  if (Markdown !== undefined) return <Markdown text={message.text} tail={tail} />;
  return (
    <p dir="auto">
      {message.text}
      {tail}
    </p>
  );
}

function Tail({ message: { editedAt, delivery, status } }: { readonly message: ShownMessage }) {
  return (
    <>
      {editedAt !== null && (
        <span class="jc-Tail" data-tip={t("editedTip", fullTime(editedAt))} tabIndex={-1}>
          {t("edited")}
        </span>
      )}
      {(status === "interrupted" || status === "stopped") && (
        <span class="jc-Tail">{t(status)}</span>
      )}
      <Pending delivery={delivery} />
    </>
  );
}
