import type { ShownMessage } from "../store/conversation.ts";
import { nameOf, reactionText } from "./phrases.ts";
import { number, t } from "./text.ts";
import { useUi } from "./ui.ts";

interface Props {
  readonly seq: number;
  readonly reaction: ShownMessage["reactions"][number];
}

/** One emoji and how many set it; a click sets mine or takes it back. */
export function Pill({ seq, reaction }: Props) {
  const { store, emoji: index } = useUi();
  const { emoji, members } = reaction;
  const me = store.me.value?.id ?? null;
  const isMine = me !== null && members.includes(me);
  const known = store.members.value;
  const canWrite = store.canWrite.value;
  const names = members.filter((id) => id !== me).map((id) => nameOf(known, id));
  if (isMine) names.unshift(t(canWrite ? "youClickToRemove" : "you"));
  const name = index.value.value.find(emoji)?.shortcode ?? emoji;
  const who = reactionText(names, name);
  const count = number(members.length);
  const label = `${emoji} ${count}, ${who}`;
  const inside = (
    <>
      <span class="jc-Emoji">{emoji}</span>
      <span class="jc-Pill-count">{count}</span>
    </>
  );
  if (!canWrite) {
    return (
      <span
        class="jc-Pill"
        data-kind="plain"
        role="img"
        tabIndex={-1}
        aria-label={label}
        data-tip={who}
      >
        {inside}
      </span>
    );
  }
  return (
    <button
      type="button"
      class="jc-Pill"
      tabIndex={-1}
      aria-pressed={isMine}
      aria-label={label}
      data-tip={who}
      onPointerEnter={() => index.want()}
      onFocus={() => index.want()}
      onClick={() => store.toggleReaction(seq, emoji)}
    >
      {inside}
    </button>
  );
}
