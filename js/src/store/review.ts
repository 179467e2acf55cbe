// What becomes of commands that waited: too old to be sent, or only if their author says so again,
// or made for a log that is no longer there. Pure.

import type { Limits } from "../protocol/types.generated.ts";
import { isWaiting } from "./outbox-item.ts";
import type { OutboxItem } from "./outbox-storage.ts";

export const TOO_OLD = "It has waited too long.";
export const OTHER_LOG = "The conversation was restored from a backup meanwhile.";

export interface Circumstances {
  readonly now: number;
  readonly limits: Limits;
  /** What is done now is sent. */
  readonly isOpen: boolean;
  /** Of the log that is shown. */
  readonly epoch: string | null;
  /** Ids of posts that seem to be stored already. */
  readonly stored: ReadonlySet<string>;
}

export type Verdict =
  | { readonly as: "failed"; readonly item: OutboxItem; readonly reason: string }
  | { readonly as: "forgotten" | "changed" | "changed here"; readonly item: OutboxItem };

/** Only those that can't stay as they are. */
export function review(items: readonly OutboxItem[], around: Circumstances): readonly Verdict[] {
  const verdicts = items.flatMap((item) => verdictOn(item, around) ?? []);
  const judged = new Set(verdicts.map(({ item }) => item.command.command_id));
  const rest = items.filter(({ command }) => !judged.has(command.command_id));
  return [...verdicts, ...asked(rest, around)];
}

function verdictOn(item: OutboxItem, around: Circumstances): Verdict | null {
  const { command, state } = item;
  const { offline_s, offline_ask_s } = around.limits;
  if (around.isOpen && item.epoch !== around.epoch && state.at !== "acked")
    return inOther(item, around);
  if (state.at === "discarded") {
    return isOlder(item, offline_s, around) ? { as: "forgotten", item } : null;
  }
  if (!isWaiting(item) || item.isConfirmed || around.stored.has(command.command_id)) return null;
  const isChange = command.type === "edit" || command.type === "rename";
  const s = isChange && around.isOpen ? Math.min(offline_s, offline_ask_s) : offline_s;
  return isOlder(item, s, around) ? { as: "failed", item, reason: TOO_OLD } : null;
}

/** The numbers of another log are those of other messages. */
function inOther(item: OutboxItem, { epoch }: Circumstances): Verdict {
  if (item.state.at === "discarded") return { as: "forgotten", item };
  const { command } = item;
  if (command.type === "edit") {
    const { command_id, text } = command; // to be seen, and posted if its author wants that
    const post = { type: "post", command_id, text, reply_to: null } as const;
    const kept = { ...item, command: post, inDoubt: false, after: 0, epoch };
    return { as: "failed", item: kept, reason: OTHER_LOG };
  }
  if ("target" in command) return { as: "failed", item, reason: OTHER_LOG };
  const here = command.type === "post" ? { ...command, reply_to: null } : command;
  return { as: "changed", item: { ...item, command: here, after: 0, epoch } };
}

/** If one is a day old, its author is asked about all that waited then, so that the order stays. */
function asked(items: readonly OutboxItem[], around: Circumstances): readonly Verdict[] {
  const { stored, isOpen, limits } = around;
  const isStored = ({ command }: OutboxItem): boolean => stored.has(command.command_id);
  const again = items.filter((item) => item.state.at === "asked" && isStored(item));
  const posts = items.filter(
    (item) =>
      item.command.type === "post" &&
      item.state.at === "queued" &&
      !item.isConfirmed &&
      !isStored(item),
  );
  const isOld = isOpen && posts.some((item) => isOlder(item, limits.offline_ask_s, around));
  return [
    ...again.map(
      (item): Verdict => ({ as: "changed here", item: { ...item, state: { at: "queued" } } }),
    ),
    ...(isOld ? posts : []).map(
      (item): Verdict => ({ as: "changed here", item: { ...item, state: { at: "asked" } } }),
    ),
  ];
}

function isOlder(item: OutboxItem, s: number, { now }: Circumstances): boolean {
  return now - item.createdAt >= s * 1000;
}
