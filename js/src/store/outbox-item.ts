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

/** Whether another try would find it stored already, for all that is known. */
export function mayBeStored({ command, state, inDoubt }: OutboxItem): boolean {
  return command.type === "post" && (state.at === "sent" || inDoubt);
}

/** Taken back, but it may be stored. */
export function discarded(item: OutboxItem): OutboxItem {
  return { ...item, inDoubt: true, state: { at: "discarded" } };
}

export function isUnanswered({ state, inDoubt }: OutboxItem): boolean {
  return state.at === "sent" || (state.at === "failed" && inDoubt);
}

const sizes = new WeakMap<ClientCommand, number>();

export function bytesOf(command: ClientCommand): number {
  const known = sizes.get(command);
  if (known !== undefined) return known;
  const bytes = new TextEncoder().encode(JSON.stringify(command)).length;
  sizes.set(command, bytes);
  return bytes;
}
