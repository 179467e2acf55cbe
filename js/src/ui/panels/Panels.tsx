import { type OpenPanel, useUi } from "../ui.ts";
import { HeaderMenu } from "./HeaderMenu.tsx";
import { MessageMenu } from "./MessageMenu.tsx";
import { PeopleList } from "./PeopleList.tsx";
import { Picker } from "./Picker.tsx";
import { Popover } from "./Popover.tsx";
import { Shortcuts } from "./Shortcuts.tsx";
import { t } from "./text.ts";

/** Whatever is open: at most one panel at a time. */
export function Panels() {
  const panel = useUi().panel.value;
  return panel === null ? null : draw(panel);
}

function draw(panel: OpenPanel) {
  const { opener } = panel;
  switch (panel.kind) {
    case "people":
      return (
        <Popover key="people" opener={opener} role="dialog" label={t("people")}>
          <PeopleList />
        </Popover>
      );
    case "more":
      return (
        <Popover key="more" opener={opener} role="menu" label={t("more")}>
          <HeaderMenu />
        </Popover>
      );
    case "shortcuts":
      return (
        <Popover key="shortcuts" opener={opener} role="dialog" label={t("shortcuts")}>
          <Shortcuts />
        </Popover>
      );
    case "message":
      return (
        <Popover key={panel.key} opener={opener} role="menu" label={t("moreActions")}>
          <MessageMenu messageKey={panel.key} />
        </Popover>
      );
    case "picker":
      return (
        <Popover key="picker" opener={opener} role="dialog" side="above" label={t("pickEmoji")}>
          <Picker use={panel.use} />
        </Popover>
      );
  }
}
