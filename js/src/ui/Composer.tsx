import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { ComposerButtons } from "./ComposerButtons.tsx";
import { ComposerField } from "./ComposerField.tsx";
import { ComposerMode } from "./ComposerMode.tsx";
import { ComposerNote } from "./ComposerNote.tsx";
import type { Pasted } from "./panels/PastedCode.tsx";
import { t } from "./text.ts";
import { useUi } from "./ui.ts";

export function Composer() {
  const ui = useUi();
  const { emoji, store, mode } = ui;
  const panels = ui.panels.value.value;
  const completion = useMemo(() => panels && new panels.Completion(emoji), [emoji, panels]);
  const pasted = useSignal<Pasted | null>(null);
  if (!store.canWrite.value) {
    return store.me.value === null ? null : <p class="jc-ReadOnly">{t("readOnly")}</p>;
  }
  return (
    <div class="jc-Composer" data-mode={mode.value.kind}>
      <ComposerMode />
      {panels !== null && <panels.PastedCode pasted={pasted} />}
      {panels !== null && completion !== null && <panels.Suggestions completion={completion} />}
      <div class="jc-Composer-box">
        <ComposerField completion={completion} pasted={pasted} />
        <ComposerButtons />
      </div>
      <ComposerNote />
    </div>
  );
}
