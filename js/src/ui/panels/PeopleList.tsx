import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import type { Person } from "../people.ts";
import { useUi } from "../ui.ts";
import { useFocusBack } from "../use-focus-back.ts";
import { usePeople } from "../use-people.ts";
import { NameForm } from "./NameForm.tsx";
import { OtherPeople } from "./OtherPeople.tsx";
import { PersonRow } from "./PersonRow.tsx";
import { type TextKey, t } from "./text.ts";

/** Everyone who takes part: here now, assistants, away. */
export function PeopleList() {
  const { store } = useUi();
  const isNaming = useSignal(false);
  const back = useFocusBack();
  const people = usePeople(store);
  const shown = people.here.length + people.assistants.length;
  const away = Math.max(store.everyone.count.value - shown, people.away.length);
  return (
    <div class="jc-People">
      <Section
        title="active"
        heading={t(store.isPresenceKnown.value ? "peopleHere" : "peopleBefore", people.here.length)}
        people={people.here}
      />
      <Section title="assistants" heading={t("assistants")} people={people.assistants} />
      <Section title="offline" heading={t("peopleAway", away)} people={people.away}>
        {away > 0 && <OtherPeople />}
      </Section>
      {store.canRenameSelf.value && (
        <div class="jc-People-foot">
          {isNaming.value ? (
            <NameForm
              onDone={() => {
                back.want();
                isNaming.value = false;
              }}
            />
          ) : (
            <button
              type="button"
              class="jc-TextButton"
              ref={back.ref}
              onClick={() => {
                isNaming.value = true;
              }}
            >
              {t("changeName")}
            </button>
          )}
        </div>
      )}
    </div>
  );
}

interface SectionProps {
  readonly title: TextKey;
  readonly heading: string;
  readonly people: readonly Person[];
  readonly children?: ComponentChildren;
}

function Section({ title, heading, people, children }: SectionProps) {
  if (people.length === 0 && !children) return null;
  return (
    <div class="jc-People-section" data-kind={title}>
      <p class="jc-Heading">{heading}</p>
      {children}
      <ul class="jc-Plain" aria-label={heading}>
        {people.map((person) => (
          <PersonRow key={person.member.id} person={person} />
        ))}
      </ul>
    </div>
  );
}
