import { useComputed } from "@preact/signals";
import type { ShownMessage } from "../store/conversation.ts";
import { Avatar } from "./Avatar.tsx";
import { DeleteAsk } from "./DeleteAsk.tsx";
import { gutterTime, shortTime } from "./dates.ts";
import { MessageBody } from "./MessageBody.tsx";
import { MessageHead } from "./MessageHead.tsx";
import { memo } from "./memo.tsx";
import { NotSent } from "./NotSent.tsx";
import { nameOf } from "./phrases.ts";
import { Quote } from "./Quote.tsx";
import { Reactions } from "./Reactions.tsx";
import { Time } from "./Time.tsx";
import { Toolbar } from "./Toolbar.tsx";
import { t } from "./text.ts";
import { useUi } from "./ui.ts";

interface Props {
  readonly message: ShownMessage;
  readonly headed: boolean;
  /** The newest one: its buttons always show. */
  readonly last: boolean;
  /** The one that Tab reaches. */
  readonly stop: boolean;
  /** What it replies to: the message, or null if that is not loaded. */
  readonly quoted: ShownMessage | null;
}

export const Message = memo(function Message({ message, headed, last, stop, quoted }: Props) {
  const ui = useUi();
  const { store, list, mode, asking, panel } = ui;
  const { key, seq, author, at, delivery } = message;
  const members = store.members.value;
  const isOpen = useComputed(() => {
    const open = panel.value;
    return open !== null && "key" in open && open.key === key;
  }).value;
  const isHot = useComputed(() => list.hot.value === key || list.focused.value === key).value;
  const isEdited = useComputed(() => {
    const now = mode.value;
    return now.kind === "edit" && now.message.key === key && now.epoch === ui.epoch;
  }).value;
  const isAsked = useComputed(() => asking.value !== null && asking.value === seq).value;
  const isTinted = useComputed(() => list.tinted.value === key).value;
  const isOffline = store.link.value.state !== "live"; // else what is new is sent in a moment
  const isToolsLast = last && (seq !== null || isOffline);
  const hasTools =
    (isHot || isOpen || isToolsLast) &&
    !message.redacted &&
    (seq !== null || message.commandId !== null);
  return (
    // biome-ignore lint/a11y/useSemanticElements: an article of the log, not of the page
    <div
      class="jc-Message"
      role="article"
      tabIndex={stop ? 0 : -1}
      aria-label={t("messageLabel", nameOf(members, author), shortTime(at))}
      aria-describedby={`jc-${key}`}
      data-key={key}
      data-seq={seq}
      data-headed={headed}
      data-state={delivery.state}
      data-editing={isEdited}
      data-tinted={isTinted}
      data-open={isOpen}
    >
      {message.replyTo !== null && <Quote seq={message.replyTo} quoted={quoted} />}
      <div class="jc-Message-side">
        {headed ? (
          <Avatar id={author} member={members.get(author)} />
        ) : (
          <Time at={at} text={gutterTime(at)} />
        )}
      </div>
      <div class="jc-Message-main">
        {headed && <MessageHead message={message} />}
        <MessageBody message={message} />
        <NotSent message={message} />
        {seq !== null && <Reactions seq={seq} messageKey={key} reactions={message.reactions} />}
        {isAsked && seq !== null && <DeleteAsk seq={seq} messageKey={key} />}
      </div>
      {hasTools && <Toolbar message={message} isFull={isHot || isOpen} hasTime={!headed} />}
    </div>
  );
});
