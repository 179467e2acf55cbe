import type { PresentMember } from "../../store/conversation.ts";
import { Avatar } from "../Avatar.tsx";
import type { Person } from "../people.ts";
import { timeAgo } from "./ago.ts";
import { t } from "./text.ts";

export function PersonRow({ person }: { readonly person: Person }) {
  const { member, state, lastSeen, isMe } = person;
  return (
    <li class="jc-Person">
      <Avatar id={member.id} member={member} state={state} />
      <span class="jc-Person-text">
        <span class="jc-Person-name">
          <bdi>{isMe ? t("youSuffix", member.name) : member.name}</bdi>
          {member.self_chosen && (
            <span class="jc-Badge" data-tip={t("selfChosenTip")}>
              {t("selfChosen")}
            </span>
          )}
        </span>
        <span class="jc-Person-state">
          {member.kind === "assistant" ? t("assistant") : t(`role_${member.role}`)}
          {state !== "unknown" && ` · ${stateText(state, lastSeen)}`}
        </span>
      </span>
    </li>
  );
}

function stateText(state: PresentMember["state"], lastSeen: number | null): string {
  if (state !== "offline") return t(state);
  return lastSeen === null ? t("offline") : t("lastSeen", timeAgo(lastSeen, Date.now() / 1000));
}
