// What follows from the conversation's state and my own commands.

import { computed, type ReadonlySignal } from "@preact/signals-core";
import type { Member, Rename } from "../protocol/types.generated.ts";
import type { ConversationState } from "./fold.ts";
import type { Outbox } from "./outbox.ts";
import type { OutboxItem } from "./outbox-storage.ts";
import type { Replica } from "./replica.ts";
import { createView, deliveryOf, SENT } from "./shown.ts";
import type { ConversationStore, Trouble } from "./types.ts";

interface Sources {
  readonly replica: Replica;
  readonly outbox: Outbox;
  readonly deleting: ConversationStore["deleting"];
  readonly readMark: ReadonlySignal<number>;
  /** Own posts, by seq: the command that each came from. */
  readonly commandOf: ReadonlyMap<number, string>;
}

type Derived = Pick<
  ConversationStore,
  | "members"
  | "me"
  | "canWrite"
  | "title"
  | "titleDelivery"
  | "messages"
  | "unread"
  | "old"
  | "isPageOnly"
>;

export function derive({ replica, outbox, deleting, readMark, commandOf }: Sources): Derived {
  const view = createView();
  const members = computed(() => replica.state.value.members);
  const me = computed(() => upToDate(replica.you.value, members.value));
  const messages = computed(() =>
    view({
      state: replica.state.value,
      items: outbox.items.value,
      deleting: deleting.value,
      me: replica.you.value?.id ?? "",
      commandOf,
    }),
  );
  const renaming = computed(() => outbox.items.value.findLast(isRename)); // until it is answered
  return {
    members,
    me,
    messages,
    canWrite: computed(() => (me.value?.role ?? "viewer") !== "viewer"),
    title: computed(() => renaming.value?.command.title ?? replica.state.value.title),
    titleDelivery: computed(() => (renaming.value ? deliveryOf(renaming.value) : SENT)),
    unread: computed(() => unreadOf(replica.state.value, readMark.value, me.value?.id)),
    old: computed(() =>
      messages.value.filter(({ delivery }) => delivery.state === "pending" && delivery.isAsked),
    ),
    isPageOnly: computed(() => outbox.unkept.value.size > 0),
  };
}

/** My name and colours as the last entry has them; the role is what the server grants now. */
function upToDate(you: Member | null, members: ReadonlyMap<string, Member>): Member | null {
  const known = you === null ? undefined : members.get(you.id);
  return you === null || known === undefined ? you : { ...known, role: you.role };
}

function isRename(item: OutboxItem): item is OutboxItem & { readonly command: Rename } {
  return item.command.type === "rename";
}

/** What was refused, and that an edit's text is not lost by it. */
export function nextTrouble(
  before: Trouble | null,
  about: Trouble["about"],
  reason: string,
): Trouble {
  const text = about === "edit" ? `${reason} Your text is kept for the next edit.` : reason;
  return { id: (before?.id ?? 0) + 1, about, text };
}

/** How many messages of others are above my read mark. */
function unreadOf(state: ConversationState, mark: number, me: string | undefined): number {
  let unread = 0;
  for (const { seq, author, redacted } of state.messages.values()) {
    if (seq > mark && author !== me && !redacted) unread += 1;
  }
  return unread;
}
