// What is shown: the folded messages with my own commands laid over them, as if already done.

import type { Message } from "../protocol/types.generated.ts";
import { type ConversationState, withoutReaction, withReaction } from "./fold.ts";
import { isUnsent } from "./outbox-item.ts";
import type { OutboxItem } from "./outbox-storage.ts";
import type { Delivery, ShownMessage } from "./types.ts";

export const SENT: Delivery = { state: "sent" };

export interface ShownInput {
  readonly state: ConversationState;
  readonly items: readonly OutboxItem[];
  readonly deleting: ReadonlyMap<number | string, number>;
  readonly me: string;
  /** Own posts, by seq: the command that each came from. */
  readonly commandOf: ReadonlyMap<number, string>;
}

/** Who wrote these, and who reacted to them. */
export function namedIn(messages: Iterable<Message>): readonly string[] {
  return [...messages].flatMap(({ author, reactions }) => [
    author,
    ...reactions.flatMap(({ members }) => members),
  ]);
}

/** Remembers what did not change, so that only what did is drawn again. */
export function createView(): (input: ShownInput) => readonly ShownMessage[] {
  const plain = new WeakMap<Message, ShownMessage>();
  return (input) => {
    const overlays = overlaysOf(input.items);
    const shown: ShownMessage[] = [];
    for (const message of input.state.messages.values()) {
      const base = plain.get(message) ?? fromMessage(message, input.commandOf);
      plain.set(message, base);
      const overlaid = (overlays.get(message.seq) ?? []).reduce(
        (below, item) => overlay(below, item, input),
        base,
      );
      shown.push(input.deleting.has(message.seq) ? deleted(overlaid) : overlaid);
    }
    return [...shown, ...ownPosts(input)];
  };
}

function fromMessage(message: Message, commandOf: ReadonlyMap<number, string>): ShownMessage {
  const command = commandOf.get(message.seq);
  return {
    key: command === undefined ? `s:${message.seq}` : keyOf(command),
    seq: message.seq,
    commandId: null,
    author: message.author,
    at: message.at,
    text: message.text,
    editedAt: message.edited_at,
    redacted: message.redacted,
    replyTo: message.reply_to,
    status: message.status,
    reactions: message.reactions,
    delivery: SENT,
  };
}

function overlaysOf(items: readonly OutboxItem[]): ReadonlyMap<number, readonly OutboxItem[]> {
  const byTarget = new Map<number, OutboxItem[]>();
  for (const item of items) {
    if (!("target" in item.command)) continue;
    const known = byTarget.get(item.command.target);
    if (known === undefined) byTarget.set(item.command.target, [item]);
    else known.push(item);
  }
  return byTarget;
}

function overlay(message: ShownMessage, item: OutboxItem, input: ShownInput): ShownMessage {
  if (message.redacted) return message;
  const { command } = item;
  const { me } = input;
  const commandId = command.command_id;
  if (input.deleting.has(commandId)) return { ...message, commandId };
  const delivery = message.delivery.state === "pending" ? message.delivery : deliveryOf(item);
  const below = { ...message, delivery };
  switch (command.type) {
    case "edit":
      return {
        ...below,
        text: command.text,
        editedAt: item.createdAt / 1000,
        commandId: isUnsent(item) ? commandId : null,
      };
    case "redact":
      return deleted(below);
    case "react":
      return { ...below, reactions: withReaction(message.reactions, command.emoji, me) };
    case "unreact":
      return { ...below, reactions: withoutReaction(message.reactions, command.emoji, me) };
    default:
      return message;
  }
}

function deleted(message: ShownMessage): ShownMessage {
  return message.redacted ? message : { ...message, text: "", redacted: true, reactions: [] };
}

/** My posts that are not folded yet, in order. */
function ownPosts({ state, items, deleting, me }: ShownInput): readonly ShownMessage[] {
  const stored = storedPosts(items, state, me);
  return items.flatMap((item) => {
    const id = item.command.command_id;
    return stored.has(id) || deleting.has(id) ? [] : fromPost(item, me);
  });
}

/**
 * A page of messages doesn't tell command ids. A post that may be stored is taken for my message
 * of the same text after it was made, until the server's answer says so. Returns their ids.
 */
export function storedPosts(
  items: readonly OutboxItem[],
  { messages }: ConversationState,
  me: string,
): ReadonlySet<string> {
  const claimed = new Set<number>();
  const ids = new Set<string>();
  for (const item of items) {
    if (!item.inDoubt) continue;
    for (const message of messages.values()) {
      if (claimed.has(message.seq) || !isLikely(message, item, me)) continue;
      claimed.add(message.seq);
      ids.add(item.command.command_id);
      break;
    }
  }
  return ids;
}

function isLikely(message: Message, { command, after }: OutboxItem, me: string): boolean {
  return (
    command.type === "post" &&
    message.seq > after &&
    message.author === me &&
    message.text === command.text &&
    message.reply_to === (command.reply_to ?? null)
  );
}

function fromPost(item: OutboxItem, me: string): ShownMessage[] {
  const { command, state } = item;
  if (command.type !== "post" || state.at === "discarded") return [];
  const shown: ShownMessage = {
    key: keyOf(command.command_id),
    seq: state.at === "acked" ? state.seq : null,
    commandId: state.at === "acked" ? null : command.command_id,
    author: me,
    at: item.createdAt / 1000,
    text: command.text,
    editedAt: null,
    redacted: false,
    replyTo: command.reply_to ?? null,
    status: "done",
    reactions: [],
    delivery: deliveryOf(item),
  };
  return [shown];
}

export function deliveryOf({ state, createdAt }: OutboxItem): Delivery {
  switch (state.at) {
    case "acked":
      return SENT;
    case "failed":
      return { state: "failed", reason: state.reason };
    default:
      return { state: "pending", since: createdAt, isAsked: state.at === "asked" };
  }
}

function keyOf(commandId: string): string {
  return `c:${commandId}`;
}
