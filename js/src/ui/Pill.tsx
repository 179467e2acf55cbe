import type { ShownMessage } from "../store/conversation.ts";
import { nameOf, reactionText } from "./phrases.ts";
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
  const others = members.filter((id) => id !== me).map((id) => nameOf(known, id));
  const name = index.value.value.find(emoji)?.shortcode ?? emoji;
  const who = reactionText(others, isMine, name);
  const label = `${emoji} ${members.length}, ${who}`;
  const inside = (
    <>
      <span class="jc-Emoji">{emoji}</span>
      <span class="jc-Pill-count">{members.length}</span>
    </>
  );
  if (!store.canWrite.value) {
    return (
      <span class="jc-Pill" data-kind="plain" role="img" aria-label={label} data-tip={who}>
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
      onClick={() => store.toggleReaction(seq, emoji)}
    >
      {inside}
    </button>
  );
}
