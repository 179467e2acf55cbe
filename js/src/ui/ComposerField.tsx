import type { Signal } from "@preact/signals";
import { useLayoutEffect } from "preact/hooks";
import { onComposerKey } from "./composer-keys.ts";
import { fitHeight } from "./field.ts";
import type { Completion } from "./panels/completion.ts";
import type { Pasted } from "./panels/PastedCode.tsx";
import { t } from "./text.ts";
import { useUi } from "./ui.ts";

interface Props {
  /** Null until its chunk is there. */
  readonly completion: Completion | null;
  readonly pasted: Signal<Pasted | null>;
}

/** Becomes an emoji when it is sent, for which all names are needed. */
const NAMED = /:[\p{L}\p{N}_+-]{2,50}:/u;

export function ComposerField({ completion, pasted }: Props) {
  const ui = useUi();
  const text = ui.text.value;
  useLayoutEffect(() => {
    if (ui.field !== null) fitHeight(ui.field);
    if (text.value === "") pasted.value = null; // it was sent
    if (NAMED.test(text.value)) ui.emoji.want();
  }, [text.value]);
  useLayoutEffect(() => {
    pasted.value = null;
    const end = text.peek().length;
    if (ui.mode.peek().kind === "edit") ui.field?.setSelectionRange(end, end);
  }, [text]);
  useLayoutEffect(() => {
    const { field } = ui; // something may have been typed before the chunk was there
    if (field?.matches(":focus")) completion?.follow(field.value, field.selectionStart);
  }, [completion]);
  const onInput = ({
    currentTarget: field,
  }: InputEvent & { currentTarget: HTMLTextAreaElement }) => {
    text.value = field.value;
    pasted.value = null;
    completion?.follow(field.value, field.selectionStart);
    if (text === ui.store.draft) ui.store.typingNow(field.value.trim() !== "");
  };
  return (
    <textarea
      class="jc-Field"
      ref={(field) => {
        ui.field = field;
      }}
      rows={1}
      dir="auto"
      value={text.value}
      placeholder={t("composerIn", ui.title.value)}
      aria-label={t("composer")}
      aria-autocomplete="list"
      aria-controls={completion?.listId}
      aria-activedescendant={completion?.activeId}
      onInput={onInput}
      onKeyDown={(event) => onComposerKey(event, ui, completion)}
      onPointerDown={() => completion?.close()}
      onPaste={(event) => ui.panels.value.peek()?.notePaste(event, pasted)}
      onBlur={() => {
        completion?.close();
        ui.store.typingNow(false);
      }}
    />
  );
}
