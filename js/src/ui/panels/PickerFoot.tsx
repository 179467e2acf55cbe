import type { Signal } from "@preact/signals";
import { chooseTone, habits } from "../emoji-habits.ts";
import { useUi } from "../ui.ts";
import { t } from "./text.ts";

interface Props {
  readonly group: Signal<string | null>;
  readonly query: Signal<string>;
}

const TONES = ["✋", "✋🏻", "✋🏼", "✋🏽", "✋🏾", "✋🏿"] as const;

/** The groups, and the skin tone, which is remembered. */
export function PickerFoot({ group, query }: Props) {
  const { groups } = useUi().emoji.value.value;
  const { tone } = habits.value;
  const choose = (id: string): void => {
    query.value = "";
    group.value = id;
  };
  return (
    <div class="jc-Picker-foot">
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset would need a form */}
      <div class="jc-Picker-groups" role="group" aria-label={t("emojiGroups")}>
        {groups.map(({ id, name, emoji }) => (
          <button
            key={id}
            type="button"
            class="jc-IconButton"
            data-kind="emoji"
            aria-label={`${emoji[0]?.emoji} ${name}`}
            aria-pressed={group.value === id}
            data-tip={name}
            onClick={() => choose(id)}
          >
            <span class="jc-Emoji">{emoji[0]?.emoji}</span>
          </button>
        ))}
      </div>
      <button
        type="button"
        class="jc-IconButton"
        data-kind="emoji"
        aria-label={`${t("skinTone")} ${TONES[tone] ?? TONES[0]}`}
        data-tip={t("skinTone")}
        onClick={() => chooseTone((tone + 1) % TONES.length)}
      >
        <span class="jc-Emoji">{TONES[tone] ?? TONES[0]}</span>
      </button>
    </div>
  );
}
