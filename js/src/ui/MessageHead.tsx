import type { ShownMessage } from "../store/conversation.ts";
import { Avatar } from "./Avatar.tsx";
import { shortTime } from "./dates.ts";
import { nameOf } from "./phrases.ts";
import { Time } from "./Time.tsx";
import { t } from "./text.ts";
import { useUi } from "./ui.ts";

/** Who wrote and when; in a narrow widget the picture stands here too. */
export function MessageHead({ message }: { readonly message: ShownMessage }) {
  const { store } = useUi();
  const { author, at } = message;
  const member = store.members.value.get(author);
  const isMe = author === store.me.value?.id;
  return (
    <div class="jc-Message-head">
      <span class="jc-Message-face">
        <Avatar id={author} member={member} />
      </span>
      <bdi
        class="jc-Message-author"
        data-tip={member?.self_chosen ? t("selfChosenTip") : undefined}
      >
        {nameOf(store.members.value, author)}
      </bdi>
      {isMe && <span class="jc-Badge">{t("you")}</span>}
      {member?.kind === "assistant" && (
        <span class="jc-Badge" data-kind="assistant">
          {t("assistant")}
        </span>
      )}
      <Time at={at} text={shortTime(at)} />
    </div>
  );
}
