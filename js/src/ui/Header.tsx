import { Facepile } from "./Facepile.tsx";
import { IconButton } from "./IconButton.tsx";
import { RenameForm } from "./RenameForm.tsx";
import { t } from "./text.ts";
import { UnreadBadge } from "./UnreadBadge.tsx";
import { useUi } from "./ui.ts";

export function Header() {
  const ui = useUi();
  return (
    <header class="jc-Header">
      {ui.isRenaming.value ? <RenameForm /> : <Title />}
      <span class="jc-Header-space" />
      <Facepile />
      <IconButton
        icon="more"
        label={t("more")}
        popup="menu"
        expanded={ui.panel.value?.kind === "more"}
        onClick={(event) => ui.toggle({ kind: "more" }, event.currentTarget)}
      />
    </header>
  );
}

function Title() {
  const ui = useUi();
  const title = ui.title.value;
  return (
    <>
      {ui.store.canWrite.value ? (
        <button
          type="button"
          class="jc-Title"
          data-tip={t("renameTip", title)}
          onClick={() => {
            ui.isRenaming.value = true;
          }}
        >
          <bdi>{title}</bdi>
        </button>
      ) : (
        <span class="jc-Title" data-tip={title}>
          <bdi>{title}</bdi>
        </span>
      )}
      <UnreadBadge />
    </>
  );
}
