import { Avatar } from "./Avatar.tsx";
import type { Person } from "./people.ts";
import { nameOf } from "./phrases.ts";
import { joinNames, t } from "./text.ts";
import { type Size, useUi } from "./ui.ts";
import { usePeople } from "./use-people.ts";

const SLOTS: Readonly<Record<Size, number>> = { narrow: 3, medium: 5, wide: 5 };

/** The people here now, one picture each; opens the list of people. */
export function Facepile() {
  const ui = useUi();
  const { store } = ui;
  const { here, assistants } = usePeople(store);
  const helpers = assistants.filter((each) => each.state !== "offline").slice(0, 2);
  const slots = SLOTS[ui.size.value];
  const shown = here.length > slots ? here.slice(0, slots - 1) : here;
  if (here.length + helpers.length === 0) return null;
  const names = [...here, ...helpers].map(({ member, isMe }) => {
    const name = nameOf(store.members.value, member.id);
    return isMe ? t("youSuffix", name) : name;
  });
  return (
    <button
      type="button"
      class="jc-Facepile"
      aria-haspopup="dialog"
      aria-expanded={ui.panel.value?.kind === "people"}
      data-tip={joinNames(names.slice(0, 10))}
      onClick={(event) => ui.toggle({ kind: "people" }, event.currentTarget)}
    >
      <span class="jc-Hidden">
        {t(store.isPresenceKnown.value ? "peopleHere" : "peopleBefore", here.length)}
      </span>
      {shown.map(face)}
      {here.length > shown.length && (
        <span class="jc-Facepile-more" dir="ltr">
          {t("morePeople", here.length - shown.length)}
        </span>
      )}
      {helpers.length > 0 && <span class="jc-Facepile-gap" />}
      {helpers.map(face)}
    </button>
  );
}

function face({ member, state }: Person) {
  return <Avatar key={member.id} id={member.id} member={member} state={state} />;
}
