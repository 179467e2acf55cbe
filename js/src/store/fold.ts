// What a conversation looks like after its entries, one by one: the twin of `state.py`, held to
// the same fixtures. Pure. An entry already folded changes nothing.

import { assertNever, isKnownEntry, type UnknownEntry } from "../protocol/frames.ts";
import type {
  Edited,
  Entry,
  Member,
  Message,
  Posted,
  Reacted,
  Reaction,
  Redacted,
  Unreacted,
} from "../protocol/types.generated.ts";

/** A window on a conversation: its newest messages by seq, all its members, its title. */
export interface ConversationState {
  readonly head: number;
  readonly title: string;
  readonly messages: ReadonlyMap<number, Message>;
  readonly members: ReadonlyMap<string, Member>;
}

/** An entry that aims at a message. */
export type Change = Edited | Redacted | Reacted | Unreacted;

export const EMPTY: ConversationState = {
  head: 0,
  title: "",
  messages: new Map(),
  members: new Map(),
};

/** Folds a run of entries; the first may be known already, but none may be missing. */
export function fold(
  entries: readonly (Entry | UnknownEntry)[],
  start: ConversationState = EMPTY,
): ConversationState {
  let { head, title } = start;
  const messages = new Map(start.messages);
  const members = new Map(start.members);
  for (const entry of entries) {
    if (entry.seq <= head) continue;
    if (entry.seq !== head + 1) throw new RangeError(`gap: ${head} then ${entry.seq}`);
    head = entry.seq;
    if (!isKnownEntry(entry)) continue;
    switch (entry.kind) {
      case "posted":
        messages.set(entry.seq, posted(entry));
        break;
      case "edited":
      case "redacted":
      case "reacted":
      case "unreacted":
        changeIn(messages, entry);
        break;
      case "joined":
      case "profile_changed":
        members.set(entry.body.member.id, entry.body.member);
        break;
      case "renamed":
        title = entry.body.title;
        break;
      default:
        assertNever(entry);
    }
  }
  return { head, title, messages, members };
}

export function isChange(entry: Entry): entry is Change {
  return "target" in entry.body;
}

/** Applies an entry to the message it aims at, if that is there. */
export function changeIn(messages: Map<number, Message>, entry: Change): void {
  const target = messages.get(entry.body.target);
  if (target !== undefined) messages.set(target.seq, changed(target, entry));
}

export function withReaction(
  reactions: readonly Reaction[],
  emoji: string,
  member: string,
): readonly Reaction[] {
  const found = reactions.find((reaction) => reaction.emoji === emoji);
  if (found === undefined) return [...reactions, { emoji, members: [member] }];
  if (found.members.includes(member)) return reactions;
  const grown = { emoji, members: [...found.members, member] };
  return reactions.map((reaction) => (reaction === found ? grown : reaction));
}

export function withoutReaction(
  reactions: readonly Reaction[],
  emoji: string,
  member: string,
): readonly Reaction[] {
  return reactions
    .map((reaction) =>
      reaction.emoji === emoji
        ? { emoji, members: reaction.members.filter((other) => other !== member) }
        : reaction,
    )
    .filter((reaction) => reaction.members.length > 0);
}

function posted({ seq, author, at, body }: Posted): Message {
  return {
    seq,
    author,
    at,
    text: body.text,
    edited_at: null,
    redacted: false,
    reply_to: body.reply_to,
    status: "done",
    reactions: [],
    attachments: [],
  };
}

function changed(target: Message, entry: Change): Message {
  if (target.redacted) return target;
  switch (entry.kind) {
    case "edited":
      return { ...target, text: entry.body.text, edited_at: entry.at };
    case "redacted":
      return { ...target, text: "", redacted: true, reactions: [] };
    case "reacted": {
      const reactions = withReaction(target.reactions, entry.body.emoji, entry.author);
      return { ...target, reactions };
    }
    case "unreacted": {
      const reactions = withoutReaction(target.reactions, entry.body.emoji, entry.author);
      return { ...target, reactions };
    }
    default:
      return assertNever(entry);
  }
}
