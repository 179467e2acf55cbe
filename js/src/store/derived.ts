// What follows from the conversation's state and my own commands.

import type { Member } from "../protocol/types.generated.ts";
import type { ConversationState } from "./fold.ts";
import type { OutboxItem } from "./outbox.ts";
import type { Trouble } from "./types.ts";

/** My name and colours as the last entry has them; the role is what the server grants now. */
export function upToDate(you: Member | null, members: ReadonlyMap<string, Member>): Member | null {
  const known = you === null ? undefined : members.get(you.id);
  return you === null || known === undefined ? you : { ...known, role: you.role };
}

/** The title that I asked for last, until the server has answered, else the folded one. */
export function titleOf(state: ConversationState, items: readonly OutboxItem[]): string {
  const asked = items.findLast(({ command }) => command.type === "rename")?.command;
  return asked?.type === "rename" ? asked.title : state.title;
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
export function unreadOf(state: ConversationState, mark: number, me: string | undefined): number {
  let unread = 0;
  for (const { seq, author, redacted } of state.messages.values()) {
    if (seq > mark && author !== me && !redacted) unread += 1;
  }
  return unread;
}
