import type { Emoji, EmojiIndex } from "../../chunks/types.ts";
import { habits } from "../emoji-habits.ts";
import { useUi } from "../ui.ts";
import { toned } from "./completion.ts";
import { t } from "./text.ts";

interface Props {
  readonly query: string;
  /** Null for the recent ones and the first group. */
  readonly group: string | null;
  readonly pick: (emoji: string) => void;
}

interface Part {
  readonly title: string;
  readonly emoji: readonly Emoji[];
}

export function PickerBody({ query, group, pick }: Props) {
  const { emoji } = useUi();
  const parts = partsOf(emoji.value.value, query.trim(), group);
  return (
    <div class="jc-Picker-body">
      {parts.map(({ title, emoji: each }) => (
        <div key={title} class="jc-Picker-part">
          <p class="jc-Heading">{title}</p>
          {/* biome-ignore lint/a11y/useSemanticElements: a grid that lays itself out */}
          <div class="jc-Picker-grid" role="group" aria-label={title}>
            {each.map((item) => (
              <EmojiButton key={item.emoji} item={item} pick={pick} />
            ))}
          </div>
        </div>
      ))}
      {emoji.state.value === "failed" && (
        <p class="jc-Picker-note">
          {t("couldntLoad", t("moreEmoji"))}{" "}
          <button type="button" class="jc-TextButton" onClick={() => emoji.retry()}>
            {t("retry")}
          </button>
        </p>
      )}
    </div>
  );
}

interface ButtonProps {
  readonly item: Emoji;
  readonly pick: (emoji: string) => void;
}

function EmojiButton({ item, pick }: ButtonProps) {
  const shown = toned(item, habits.value.tone);
  return (
    <button
      type="button"
      class="jc-Picker-emoji"
      tabIndex={-1}
      aria-label={`${shown} ${item.name}`}
      data-tip={`:${item.shortcode}:`}
      onClick={() => pick(shown)}
    >
      {shown}
    </button>
  );
}

function partsOf(index: EmojiIndex, query: string, group: string | null): readonly Part[] {
  if (query !== "") {
    const found = index.search(query);
    const title = found.length === 0 ? t("noEmoji", query) : t("emojiResults", found.length);
    return [{ title, emoji: found }];
  }
  const chosen = index.groups.find((each) => each.id === group) ?? index.groups[0];
  const parts = chosen === undefined ? [] : [{ title: chosen.name, emoji: chosen.emoji }];
  if (group !== null || habits.value.recent.length === 0) return parts;
  return [{ title: t("recent"), emoji: recentOf(index) }, ...parts];
}

/** Each once, in whichever skin tones it was used. */
function recentOf(index: EmojiIndex): readonly Emoji[] {
  const known = habits.value.recent.map((emoji) => index.find(emoji) ?? unnamed(emoji));
  return [...new Map(known.map((item) => [item.emoji, item])).values()];
}

/** One that the index does not list, such as one in a skin tone. */
function unnamed(emoji: string): Emoji {
  return { emoji, name: "", shortcode: emoji, tones: [] };
}
