// What rows the list makes of messages and notices.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Notice, ShownMessage } from "../src/store/conversation.ts";
import { buildRows, countUnread, type Row, withoutDeleted } from "../src/ui/rows.ts";

const NOON = new Date(2025, 5, 10, 12).getTime() / 1000;
const ALL = { from: 0, to: Number.POSITIVE_INFINITY };

function shown(seq: number | null, changes: Partial<ShownMessage> = {}): ShownMessage {
  return {
    key: `k${seq}`,
    seq,
    commandId: null,
    author: "user:bo",
    at: NOON + (seq ?? 0),
    text: "hi",
    editedAt: null,
    redacted: false,
    replyTo: null,
    status: "done",
    reactions: [],
    delivery: { state: "sent" },
    ...changes,
  };
}

function rowsOf(
  messages: readonly ShownMessage[],
  more: Partial<Parameters<typeof buildRows>[0]> = {},
) {
  const given = { messages, notices: [], span: ALL, divider: null, me: "user:ada", isWhole: true };
  return buildRows({ ...given, ...more });
}

/** "h1" heads a group, "m2" continues it. */
function sketch(rows: readonly Row[]): string {
  const sign = (row: Row): string => {
    if (row.kind === "message") return `${row.headed ? "h" : "m"}${row.message.seq ?? "?"}`;
    return row.kind === "notices" ? `notices:${row.notices.length}` : row.kind;
  };
  return rows.map(sign).join(" ");
}

test("messages of one author within five minutes stand under one header", () => {
  const messages = [
    shown(1),
    shown(2, { at: NOON + 300 }),
    shown(3, { at: NOON + 601 }),
    shown(4, { at: NOON + 602, author: "user:cy" }),
    shown(5, { at: NOON + 603, author: "user:cy", replyTo: 1 }),
    shown(6, { at: NOON + 604, author: "user:cy" }),
  ];
  assert.equal(sketch(rowsOf(messages)), "day h1 m2 h3 h4 h5 m6");
});

test("a new day starts with a separator and a new group", () => {
  const midnight = new Date(2025, 5, 11).getTime() / 1000;
  const messages = [shown(1, { at: midnight - 10 }), shown(2, { at: midnight + 10 })];
  assert.equal(sketch(rowsOf(messages)), "day h1 day h2");
});

test("the divider stands before the first unread message of someone else", () => {
  const messages = [shown(1), shown(2, { author: "user:ada" }), shown(3), shown(4), shown(5)];
  const divider = { after: 1, upTo: 4 };
  assert.equal(sketch(rowsOf(messages, { divider })), "day h1 h2 unread h3 m4 m5");
  assert.equal(countUnread(messages, divider, "user:ada"), 2);
});

test("the divider does not stand in the page while its message does not", () => {
  const messages = [shown(1), shown(2), shown(3)];
  const more = { divider: { after: 1, upTo: 3 }, span: { from: 3, to: ALL.to } };
  assert.equal(sketch(rowsOf(messages, more)), "day h3");
});

test("the divider does not stand where it would move when older messages are loaded", () => {
  const messages = [shown(11), shown(12)];
  const more = { divider: { after: 5, upTo: 12 }, isWhole: false };
  assert.equal(sketch(rowsOf(messages, more)), "day h11 m12");
  assert.equal(sketch(rowsOf([shown(6), ...messages], more)), "day unread h6 m11 m12");
});

test("messages that came after the view opened get no divider", () => {
  const messages = [shown(1), shown(2)];
  assert.equal(sketch(rowsOf(messages, { divider: { after: 1, upTo: 1 } })), "day h1 m2");
});

test("a span leaves out what is beyond it, and pending messages unless it reaches the end", () => {
  const messages = [shown(1), shown(2), shown(3), shown(null)];
  assert.equal(sketch(rowsOf(messages, { span: { from: 2, to: 2 } })), "day h2");
  assert.equal(sketch(rowsOf(messages, { span: { from: 3, to: ALL.to } })), "day h3 m?");
});

test("three notices in a row fold to one, fewer do not", () => {
  const joined = (seq: number): Notice => ({
    kind: "joined",
    seq,
    at: NOON + seq,
    member: `user:${seq}`,
  });
  const notices = [joined(2), joined(3), joined(5), joined(6), joined(7)];
  const messages = [shown(1), shown(4), shown(8)];
  assert.equal(sketch(rowsOf(messages, { notices })), "day h1 notices:1 notices:1 h4 notices:3 h8");
});

test("the third notice in a row makes another row than the first", () => {
  const notices = [2, 3, 4].map(
    (seq): Notice => ({ kind: "joined", seq, at: NOON, member: `user:${seq}` }),
  );
  const keys = (count: number) =>
    rowsOf([shown(1)], { notices: notices.slice(0, count) }).map(({ key }) => key);
  assert.equal(keys(2).includes(keys(3).at(-1) ?? ""), false);
});

test("my own arrival is no news to me", () => {
  const notice = { kind: "joined", seq: 2, at: NOON, member: "user:ada" } as const;
  assert.equal(sketch(rowsOf([shown(1)], { notices: [notice] })), "day h1");
});

test("a deleted message stays only while someone replied to it", () => {
  const gone = { redacted: true, text: "" };
  const messages = [shown(1, gone), shown(2, gone), shown(3, { replyTo: 2 }), shown(4)];
  const left = withoutDeleted(messages, new Map([[4, 0]]));
  assert.deepEqual(
    left.map(({ seq }) => seq),
    [2, 3],
  );
  assert.deepEqual(withoutDeleted(messages, new Map([[3, 0]])), [messages[3]]);
  const deletedReply = shown(3, { ...gone, replyTo: 2 });
  assert.deepEqual(withoutDeleted([shown(2, gone), deletedReply], new Map()), []);
});
