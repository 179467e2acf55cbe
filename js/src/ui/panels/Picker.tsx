import { useSignal } from "@preact/signals";
import { useLayoutEffect } from "preact/hooks";
import { insertAt } from "../compose.ts";
import { noteUse, react } from "../emoji-habits.ts";
import { type EmojiUse, type Ui, useUi } from "../ui.ts";
import { applyChange, selectedIn } from "./change.ts";
import { PickerBody } from "./PickerBody.tsx";
import { PickerFoot } from "./PickerFoot.tsx";
import { onPickerKey } from "./picker-keys.ts";
import { t } from "./text.ts";

/** Every emoji: search, recents, groups, skin tone. */
export function Picker({ use }: { readonly use: EmojiUse }) {
  const ui = useUi();
  const query = useSignal("");
  const group = useSignal<string | null>(null);
  useLayoutEffect(() => ui.emoji.want(), []);
  const pick = (emoji: string): void => {
    ui.close();
    apply(ui, use, emoji);
  };
  const refusal = use.kind === "react" ? fullMessage(ui, use.seq) : null;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys of the field and grid inside
    <div class="jc-Picker" onKeyDown={onPickerKey}>
      <input
        class="jc-Picker-search"
        type="search"
        data-first="true"
        aria-label={t("searchEmoji")}
        placeholder={t("searchEmoji")}
        value={query.value}
        onInput={({ currentTarget }) => {
          query.value = currentTarget.value;
        }}
      />
      {refusal !== null && <p class="jc-Picker-note">{refusal}</p>}
      <PickerBody query={query.value} group={group.value} pick={pick} />
      <PickerFoot group={group} query={query} />
    </div>
  );
}

function apply(ui: Ui, use: EmojiUse, emoji: string): void {
  if (use.kind === "react") return react(ui, use.seq, emoji);
  noteUse(emoji);
  if (ui.field !== null) applyChange(ui.field, insertAt(selectedIn(ui.field), emoji));
}

/** A message takes only so many different emoji. */
function fullMessage(ui: Ui, seq: number): string | null {
  const most = ui.store.limits.value.reactions_per_message;
  const count = ui.list.bySeq.value.get(seq)?.reactions.length ?? 0;
  return count >= most ? t("reactionsFull", most) : null;
}
