import { useSignal } from "@preact/signals";
import { useUi } from "../ui.ts";
import { TextForm } from "./TextForm.tsx";
import { t } from "./text.ts";

const MAX_NAME = 40;

/** My display name: Enter asks the server to change it. */
export function NameForm({ onDone }: { readonly onDone: () => void }) {
  const { store } = useUi();
  const failure = useSignal("");
  const save = (name: string): void => {
    if (name === "" || name === store.me.peek()?.name) return onDone();
    store.renameSelf(name).then(onDone, (reason: unknown) => {
      failure.value = reason instanceof Error ? reason.message : String(reason);
    });
  };
  return (
    <>
      <TextForm
        label={t("yourName")}
        value={store.me.value?.name ?? ""}
        maxLength={MAX_NAME}
        onSave={save}
        onCancel={onDone}
      />
      {failure.value !== "" && (
        <p class="jc-Error" role="alert">
          {failure.value}
        </p>
      )}
    </>
  );
}
