import { Facepile } from "./Facepile.tsx";
import { IconButton } from "./IconButton.tsx";
import { Pending } from "./Pending.tsx";
import { t } from "./text.ts";
import { UnreadBadge } from "./UnreadBadge.tsx";
import { useUi } from "./ui.ts";
import { type FocusBack, useFocusBack } from "./use-focus-back.ts";

export function Header() {
  const ui = useUi();
  const RenameForm = ui.panels.value.value?.RenameForm;
  const isRenaming = ui.isRenaming.value && RenameForm !== undefined;
  const back = useFocusBack();
  const Mark = ui.view.kernel?.Mark;
  return (
    <header class="jc-Header">
      {isRenaming ? <RenameForm onKey={back.want} /> : <Title back={back} />}
      <Pending delivery={ui.store.titleDelivery.value} />
      <span class="jc-Header-space" />
      {Mark && <Mark />}
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

function Title({ back }: { readonly back: FocusBack }) {
  const ui = useUi();
  const title = ui.title.value;
  return (
    <>
      {ui.store.canWrite.value ? (
        <button
          type="button"
          class="jc-Title"
          ref={back.ref}
          data-tip={t("renameTip", title)}
          onClick={() => ui.rename()}
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
