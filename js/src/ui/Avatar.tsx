import type { Member } from "../store/conversation.ts";
import { colourOf, initials, type State, safePicture } from "./people.ts";

interface Props {
  readonly id: string;
  readonly member: Member | undefined;
  readonly state?: State;
}

/** A person's picture or initials; round, or square for an assistant. */
export function Avatar({ id, member, state }: Props) {
  const picture = safePicture(member?.avatar_url ?? null);
  return (
    <span class="jc-Avatar" data-kind={member?.kind ?? "person"} aria-hidden="true">
      {picture === null ? (
        <span class="jc-Avatar-face" style={{ backgroundColor: colourOf(id) }}>
          {initials(member?.name ?? "?")}
        </span>
      ) : (
        <img class="jc-Avatar-face" src={picture} alt="" />
      )}
      {(state === "active" || state === "idle") && <span class="jc-Dot" data-state={state} />}
    </span>
  );
}
