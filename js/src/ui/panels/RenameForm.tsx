import { useUi } from "../ui.ts";
import { TextForm } from "./TextForm.tsx";
import { t } from "./text.ts";

interface Props {
  /** Enter or Esc ended it. */
  readonly onKey: () => void;
}

/** In place of the title: Enter or leaving the field renames, Esc does not. */
export function RenameForm({ onKey }: Props) {
  const ui = useUi();
  const done = (): void => {
    ui.isRenaming.value = false;
  };
  const save = (title: string): void => {
    if (title !== "" && title !== ui.title.peek()) ui.store.rename(title);
    done();
  };
  return (
    <TextForm
      label={t("titleLabel")}
      value={ui.title.value}
      maxLength={ui.store.limits.value.title_chars}
      onSave={(title) => {
        onKey();
        save(title);
      }}
      onBlur={save}
      onCancel={() => {
        onKey();
        done();
      }}
    />
  );
}
