// Who is here, for a component that follows it.

import type { ConversationStore } from "../store/conversation.ts";
import { type People, sortPeople } from "./people.ts";

export function usePeople(store: ConversationStore): People {
  return sortPeople({
    members: store.members.value,
    presence: store.presence.value,
    isPresenceKnown: store.isPresenceKnown.value,
    messages: store.messages.value,
    me: store.me.value?.id ?? null,
  });
}
