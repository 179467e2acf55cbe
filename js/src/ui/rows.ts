// From messages and notices to the rows of the list: days, the unread divider, grouping and
// folded notices. Pure; must not know how rows are drawn or scrolled.

import type { Notice, ShownMessage } from "../store/conversation.ts";
import { dayNumber } from "./dates.ts";
import type { Span } from "./span.ts";

/** Messages of one author closer than this stand under one header. */
const GROUP_S = 5 * 60;
/** So many notices in a row fold into one line. */
const FOLD_NOTICES = 3;

/** Which messages were unread when the view opened; `upTo` keeps later ones out. */
export interface Divider {
  readonly after: number;
  readonly upTo: number;
}

export type Row =
  | { readonly kind: "day"; readonly key: string; readonly at: number }
  | { readonly kind: "unread"; readonly key: string }
  | { readonly kind: "notices"; readonly key: string; readonly notices: readonly Notice[] }
  | {
      readonly kind: "message";
      readonly key: string;
      readonly message: ShownMessage;
      /** Starts a group: has the author's picture, name and time above it. */
      readonly headed: boolean;
    };

export interface RowsInput {
  readonly messages: readonly ShownMessage[];
  readonly notices: readonly Notice[];
  readonly span: Span;
  readonly divider: Divider | null;
  readonly me: string | null;
  /** True if no older message is still to be loaded. */
  readonly isWhole: boolean;
}

export function buildRows(input: RowsInput): readonly Row[] {
  const { messages, notices, span, divider, me } = input;
  const rows: Row[] = [];
  let day = Number.NaN;
  // Older messages may be unread too: then the divider has no place yet from which it won't move.
  const isPlaced = divider !== null && (input.isWhole || startsBy(messages, divider.after + 1));
  const firstNew = isPlaced ? firstUnread(messages, divider, me) : undefined;
  let before: ShownMessage | null = null;
  const shown = messages.filter((message) => isWithin(message.seq, span));
  const lines = notices.filter((notice) => isWithin(notice.seq, span) && !isMyArrival(notice, me));
  const startDay = (at: number): void => {
    if (dayNumber(at) === day) return;
    day = dayNumber(at);
    rows.push({ kind: "day", key: `day${day}`, at });
    before = null;
  };
  let next = 0;
  const pushNotices = (until: number): void => {
    const run = lines.slice(next, countUntil(lines, next, until));
    next += run.length;
    const [first] = run;
    if (first === undefined) return;
    startDay(first.at);
    rows.push(...fold(run));
    before = null;
  };
  for (const message of shown) {
    pushNotices(message.seq ?? Number.POSITIVE_INFINITY);
    startDay(message.at);
    if (message === firstNew) {
      rows.push({ kind: "unread", key: "unread" });
      before = null;
    }
    rows.push({
      kind: "message",
      key: message.key,
      message,
      headed: !continues(before, message),
    });
    before = message;
  }
  pushNotices(Number.POSITIVE_INFINITY);
  return rows;
}

/** Where the divider stands, whether that is in the page or not. */
export function firstUnread(
  messages: readonly ShownMessage[],
  divider: Divider,
  me: string | null,
): ShownMessage | undefined {
  return messages.find((message) => isUnread(message, divider, me));
}

/** Others' messages that the divider stands for. */
export function countUnread(
  messages: readonly ShownMessage[],
  divider: Divider,
  me: string | null,
): number {
  return messages.filter((message) => isUnread(message, divider, me)).length;
}

/** Deleted messages stay, as "Message deleted", only where someone replied to them. */
export function withoutDeleted(
  messages: readonly ShownMessage[],
  deleting: ReadonlyMap<number | string, number>,
): readonly ShownMessage[] {
  const left = messages.filter(({ seq }) => seq === null || !deleting.has(seq));
  const repliedTo = new Set(left.map(({ redacted, replyTo }) => (redacted ? null : replyTo)));
  return left.filter(({ redacted, seq }) => !redacted || repliedTo.has(seq));
}

function isUnread(message: ShownMessage, divider: Divider, me: string | null): boolean {
  const { seq } = message;
  if (seq === null || message.redacted || message.author === me) return false;
  return seq > divider.after && seq <= divider.upTo;
}

function startsBy(messages: readonly ShownMessage[], seq: number): boolean {
  return (messages[0]?.seq ?? Number.POSITIVE_INFINITY) <= seq;
}

function isWithin(seq: number | null, span: Span): boolean {
  return seq === null ? span.to === Number.POSITIVE_INFINITY : seq >= span.from && seq <= span.to;
}

function isMyArrival(notice: Notice, me: string | null): boolean {
  return notice.kind === "joined" && notice.member === me;
}

function countUntil(notices: readonly Notice[], from: number, seq: number): number {
  let index = from;
  while (index < notices.length && (notices[index]?.seq ?? 0) < seq) index += 1;
  return index;
}

function fold(run: readonly Notice[]): readonly Row[] {
  if (run.length >= FOLD_NOTICES) {
    return [{ kind: "notices", key: `fold${run[0]?.seq}`, notices: run }];
  }
  return run.map((notice) => ({
    kind: "notices",
    key: `notices${notice.seq}`,
    notices: [notice],
  }));
}

function continues(before: ShownMessage | null, message: ShownMessage): boolean {
  if (before === null || message.replyTo !== null || message.redacted || before.redacted) {
    return false;
  }
  return before.author === message.author && message.at - before.at <= GROUP_S;
}
