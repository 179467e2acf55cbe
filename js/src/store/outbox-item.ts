// What can be said of one command that waits. Pure.

import type { ClientCommand } from "../protocol/types.generated.ts";
import type { OutboxItem } from "./outbox-storage.ts";

/** One for each rate window of the server. */
export const LANES = ["post", "edit", "redact", "react", "rename"] as const;
export type Lane = (typeof LANES)[number];

export function laneOf(command: ClientCommand): Lane {
  return command.type === "unreact" ? "react" : command.type;
}

export function isWaiting({ state }: OutboxItem): boolean {
  return state.at === "queued" || state.at === "asked";
}

export function isUnderWay({ state }: OutboxItem): boolean {
  return state.at === "queued" || state.at === "sent";
}

/** It waits, and surely was never sent. */
export function isUnsent({ state, inDoubt }: OutboxItem): boolean {
  return state.at === "queued" && !inDoubt;
}

/** Whether another try would find it stored already, for all that is known. */
export function mayBeStored({ command, state, inDoubt }: OutboxItem): boolean {
  return command.type === "post" && (state.at === "sent" || inDoubt);
}

/** Taken back, perhaps for another one, but it may be stored. */
export function discarded(item: OutboxItem, by?: string): OutboxItem {
  return { ...item, inDoubt: true, state: { at: "discarded", by } };
}

/** Another command in its place; a question that is open stays so. */
export function replaced(item: OutboxItem, command: ClientCommand): OutboxItem {
  const { state } = item;
  return {
    ...item,
    command,
    isConfirmed: item.isConfirmed || state.at === "failed",
    inDoubt: false,
    state: state.at === "asked" ? state : { at: "queued" },
  };
}

/** The id of a reaction that waits to be sent for the first time. */
export function queuedReaction(
  items: readonly OutboxItem[],
  target: number,
  emoji: string,
): string | undefined {
  const waiting = items.find((item) => {
    const { command } = item;
    const isReaction = command.type === "react" || command.type === "unreact";
    const isSame = isReaction && command.target === target && command.emoji === emoji;
    return isSame && isUnsent(item);
  });
  return waiting?.command.command_id;
}

export const NO_ANSWER = "The server didn't answer.";

/** Sent, or failed with what was sent and never answered: it waits for the next connection. */
export function isUnanswered({ state, inDoubt }: OutboxItem): boolean {
  const isFailed = state.at === "failed" && (inDoubt || state.reason === NO_ANSWER);
  return state.at === "sent" || isFailed;
}

/** As it was left by a page or connection that is gone: what that one sent may have arrived. */
export function revived(item: OutboxItem): OutboxItem {
  const { state } = item;
  if (state.at === "discarded" || (state.at === "failed" && !isUnanswered(item))) return item;
  const inDoubt = item.inDoubt || state.at === "sent" || state.at === "acked";
  return { ...item, inDoubt, state: { at: "queued" } };
}

/** As long as the next one of this text may get, in place of that one: its id is a ULID. */
export function sampleOf(text: string, insteadOf?: OutboxItem): ClientCommand {
  const command = insteadOf?.command;
  if (command !== undefined && "text" in command) return { ...command, text };
  return { type: "post", text, reply_to: Number.MAX_SAFE_INTEGER, command_id: "0".repeat(26) };
}

const sizes = new WeakMap<ClientCommand, number>();

export function bytesOf(command: ClientCommand): number {
  const known = sizes.get(command);
  if (known !== undefined) return known;
  const bytes = new TextEncoder().encode(JSON.stringify(command)).length;
  sizes.set(command, bytes);
  return bytes;
}
