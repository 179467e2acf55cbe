// Joining, catching up and falling behind: any pushed frame may be lost.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Entry } from "../src/protocol/types.generated.ts";
import { ADA, BO, member, message, posted, reacted, welcome } from "./fakes.ts";
import { commandsOf, harness, live, onlyCommand, texts } from "./harness.ts";

const CY = member("user:cy", "Cy");

test("[RS1] a first visit greets without a cursor and shows the snapshot", () => {
  const { store, transport } = harness();
  assert.deepEqual(transport.open(), { type: "hello", protocol: 1, client: "web/test" });
  assert.equal(store.loaded.value, false);
  transport.say(welcome({ head: 60, read: 57 }), {
    type: "snapshot",
    head: 60,
    before: 11,
    messages: [message(58, "a"), message(60, "b")],
  });
  transport.say({ type: "live", head: 60 });
  assert.equal(store.loaded.value, true);
  assert.deepEqual(texts(store), ["a", "b"]);
  assert.equal(store.older.value, "idle");
  assert.equal(store.unread.value, 2);
  assert.equal(store.me.value?.name, "Ada");
  assert.equal(store.title.value, "Team");
});

test("[UI3] a jump in seq asks for what is missing and shows nothing out of order", () => {
  const { store, transport } = live();
  transport.say({ type: "entries", entries: [posted(5, "five")] });
  assert.deepEqual(texts(store), ["hi", "hello"]);
  assert.deepEqual(transport.take(), [{ type: "sync", after: 2 }]);
  transport.say({ type: "entries", entries: [posted(6, "six")] });
  assert.deepEqual(transport.take(), []); // asked already
  const entries = [posted(3, "three"), posted(4, "four"), posted(5, "five"), posted(6, "six")];
  transport.say({ type: "entries", entries });
  assert.deepEqual(texts(store), ["hi", "hello", "three", "four", "five", "six"]);
  assert.deepEqual(transport.take(), []);
});

test("[UI3] a gap longer than one answer is asked for until it is closed", () => {
  const { transport } = live();
  transport.say({ type: "ping", n: 1, head: 5, floor: 1 });
  assert.deepEqual(transport.take(), [{ type: "sync", after: 2 }]);
  transport.say({ type: "entries", entries: [posted(3, "three")] });
  assert.deepEqual(transport.take(), [{ type: "sync", after: 3 }]);
});

test("[UI3] a lost last entry shows with the next ping", () => {
  const { store, transport } = live();
  transport.say({ type: "ping", n: 1, head: 3, floor: 1 });
  assert.deepEqual(transport.take(), [{ type: "sync", after: 2 }]);
  transport.say({ type: "entries", entries: [posted(3, "late")] });
  assert.deepEqual(texts(store), ["hi", "hello", "late"]);
});

test("[UI3] an unanswered sync is asked again with a later ping", () => {
  const { transport, clock } = live();
  transport.say({ type: "ping", n: 1, head: 3, floor: 1 });
  transport.take();
  transport.say({ type: "ping", n: 2, head: 3, floor: 1 });
  assert.deepEqual(transport.take(), []);
  clock.pass(20_000);
  transport.say({ type: "ping", n: 3, head: 3, floor: 1 });
  assert.deepEqual(transport.take(), [{ type: "sync", after: 2 }]);
});

test("[LC4] messages that were removed from the log leave the page with the next ping", () => {
  const { store, transport } = live();
  transport.say({ type: "ping", n: 1, head: 2, floor: 2 });
  assert.deepEqual(texts(store), ["hello"]);
  assert.equal(store.info.value?.floor, 2);
  transport.say({ type: "ping", n: 2, head: 2, floor: 1 });
  assert.deepEqual([texts(store), store.info.value?.floor], [["hello"], 2]);
});

test("[LC4] messages that were removed while the page was away are gone when it is back", () => {
  const { store, transport } = live();
  const { conversation } = welcome();
  transport.open();
  transport.say(welcome({ conversation: { ...conversation, floor: 2 } }));
  assert.deepEqual(texts(store), ["hello"]);
});

test("[LC3] a sync of what was removed is answered by the newest page", () => {
  const { store, transport } = live();
  transport.say({ type: "ping", n: 1, head: 9, floor: 1 });
  assert.deepEqual(transport.take(), [{ type: "sync", after: 2 }]);
  transport.say({ type: "snapshot", head: 9, before: null, messages: [message(9, "newest")] });
  assert.deepEqual(texts(store), ["newest"]);
  assert.equal(store.older.value, "none");
  transport.say({ type: "ping", n: 2, head: 10, floor: 8 });
  assert.deepEqual(transport.take(), [{ type: "sync", after: 9 }]); // at once
});

test("[RA5] a refused sync is asked again after its time", () => {
  const { transport, clock } = live();
  transport.say({ type: "ping", n: 1, head: 3, floor: 1 });
  transport.take();
  transport.say({
    type: "refused",
    command_id: null,
    code: "rate_limited",
    message: "Slower.",
    retry_after_s: 2,
  });
  clock.pass(2_000);
  assert.deepEqual(transport.take(), [{ type: "sync", after: 2 }]);
});

test("[UI3] entries that come twice change nothing", () => {
  const { store, transport } = live();
  transport.say(
    { type: "entries", entries: [posted(3, "three")] },
    { type: "entries", entries: [posted(2, "hello"), posted(3, "three")] },
  );
  assert.deepEqual(texts(store), ["hi", "hello", "three"]);
});

test("[LG9] an unknown kind of entry advances the cursor", () => {
  const { store, transport } = live();
  const pinned = JSON.parse('{"kind":"pinned","seq":3,"author":"user:bo","at":3,"body":{}}');
  transport.say({ type: "entries", entries: [pinned, posted(4, "four")] });
  assert.deepEqual(texts(store), ["hi", "hello", "four"]);
  transport.lose();
  const hello = transport.open();
  assert.equal(hello.type === "hello" && hello.after, 4);
});

test("[RS3] a long gap comes as a snapshot, which takes the place of everything", () => {
  const { store, transport } = live();
  transport.lose();
  transport.open();
  transport.say(
    welcome({ head: 900 }),
    { type: "snapshot", head: 900, before: 850, messages: [message(900, "much later")] },
    { type: "live", head: 900 },
  );
  assert.deepEqual(texts(store), ["much later"]);
  assert.equal(store.older.value, "idle");
});

test("[RS4] a reset forgets cursor, read mark and notices; what is unsent goes to the new log", () => {
  const { store, transport } = live();
  transport.say({ type: "entries", entries: [posted(3, "three"), posted(4, "four")] });
  store.markRead(4);
  transport.lose();
  store.post("mine");
  transport.open();
  transport.say(
    welcome({ head: 1, epoch: "e2", read: 1 }),
    { type: "reset", epoch: "e2" },
    { type: "snapshot", head: 1, before: null, messages: [message(1, "restored")] },
    { type: "live", head: 1 },
  );
  assert.deepEqual(texts(store), ["restored", "mine"]);
  assert.deepEqual(
    store.notices.value.map(({ kind, seq }) => [kind, seq]),
    [["restored", 1]],
  );
  assert.equal(store.readMark.value, 1);
  assert.equal(onlyCommand(transport).type, "post");
  transport.lose();
  const hello = transport.open();
  assert.deepEqual(hello.type === "hello" && [hello.after, hello.epoch], [1, "e2"]);
});

test("[UI2] on a reset, a post that the old log had is sent to the new one", () => {
  const { store, transport } = live();
  store.post("mine");
  const { command_id } = onlyCommand(transport);
  transport.say({ type: "ack", command_id, seq: 3, duplicate: false });
  transport.lose();
  transport.open();
  transport.say(
    welcome({ head: 2, epoch: "e2" }),
    { type: "reset", epoch: "e2" },
    { type: "snapshot", head: 2, before: null, messages: [message(1, "hi")] },
    { type: "live", head: 2 },
  );
  assert.equal(onlyCommand(transport).command_id, command_id);
});

test("[RS7] presence is what welcome says and what changes", () => {
  const { store, transport } = live();
  const here = { id: BO.id, state: "active", connections: 1, last_seen: null } as const;
  transport.say({ type: "presence", members: [here] });
  assert.equal(store.presence.value.get(BO.id)?.state, "active");
  transport.say({ type: "presence", members: [{ ...here, state: "offline", connections: 0 }] });
  assert.equal(store.presence.value.get(BO.id)?.state, "offline");
});

test("[RU11] joining, new names and titles are noticed while here, not before", () => {
  const { store, transport } = live();
  const base = { at: 3, author: CY.id, command_id: null };
  const entries: Entry[] = [
    { ...base, kind: "joined", seq: 3, body: { member: CY } },
    { ...base, kind: "profile_changed", seq: 4, body: { member: { ...CY, name: "Cyd" } } },
    {
      ...base,
      kind: "profile_changed",
      seq: 5,
      body: { member: { ...CY, name: "Cyd", color: "red" } },
    },
    { ...base, kind: "renamed", seq: 6, body: { title: "Crew" } },
  ];
  transport.say({ type: "entries", entries });
  assert.deepEqual(store.notices.value, [
    { kind: "joined", seq: 3, at: 3, member: CY.id },
    { kind: "profile", seq: 4, at: 3, member: CY.id, before: "Cy", after: "Cyd" },
    { kind: "renamed", seq: 6, at: 3, member: CY.id, title: "Crew" },
  ]);
  assert.equal(store.title.value, "Crew");
  assert.equal(store.members.value.get(CY.id)?.name, "Cyd");
});

test("[RS13] who comes back still knows everyone, and of another log those there", () => {
  const { store, transport } = live();
  assert.deepEqual([...store.members.value.keys()], [ADA.id, BO.id]);
  transport.lose();
  transport.open();
  transport.say(welcome({ members: [] }), { type: "live", head: 2 });
  assert.deepEqual([...store.members.value.keys()], [ADA.id, BO.id]);
  transport.lose();
  transport.open();
  transport.say(
    welcome({ members: [CY] }),
    { type: "reset", epoch: "e2" },
    { type: "snapshot", head: 2, messages: [], before: null },
    { type: "live", head: 2 },
  );
  assert.deepEqual([...store.members.value.keys()], [CY.id]);
});

test("[RU11] a name that changed while away is told as a change", () => {
  const { store, transport } = live();
  transport.lose();
  transport.open();
  const bob = { ...BO, name: "Bob" };
  transport.say(
    welcome({ head: 3, members: [] }),
    {
      type: "entries",
      entries: [
        {
          kind: "profile_changed",
          seq: 3,
          at: 3,
          author: BO.id,
          command_id: null,
          body: { member: bob },
        },
      ],
    },
    { type: "live", head: 3 },
  );
  assert.deepEqual(store.notices.value, [
    { kind: "profile", seq: 3, at: 3, member: BO.id, before: "Bo", after: "Bob" },
  ]);
});

test("[RU3] a viewer reads and may not write", () => {
  const { store, transport } = harness();
  transport.open();
  transport.say(welcome({ you: member("user:ada", "Ada", "viewer") }));
  assert.equal(store.canWrite.value, false);
});

test("[RU12] my role is what the server grants now, my name what the log says", () => {
  const { store, transport } = harness();
  transport.open();
  transport.say(
    welcome({ you: { ...ADA, role: "viewer" }, members: [{ ...ADA, name: "Ada L." }] }),
  );
  assert.equal(store.me.value?.role, "viewer");
  assert.equal(store.me.value?.name, "Ada L.");
});

test("[ID5] a new name is told to the server, which hears of it in a new handshake", async () => {
  const { store, transport, renamed } = live();
  await store.renameSelf("Countess");
  assert.deepEqual(renamed, ["Countess"]);
  assert.equal(transport.reconnects, 1);
});

test("[RS6] older messages come a page at a time, with what changed meanwhile", () => {
  const { store, transport } = harness();
  transport.open();
  transport.say(
    welcome({ head: 60 }),
    { type: "snapshot", head: 60, before: 11, messages: [message(60, "new")] },
    { type: "live", head: 60 },
  );
  transport.take();
  store.loadOlder();
  store.loadOlder();
  assert.equal(store.older.value, "loading");
  assert.deepEqual(transport.take(), [{ type: "history", before: 11 }]);
  transport.say(
    { type: "entries", entries: [reacted(61, 10, "🎉")] }, // read by the server after the page
    { type: "page", messages: [message(9, "nine"), message(10, "ten")], before: null },
  );
  assert.deepEqual(texts(store), ["nine", "ten", "new"]);
  assert.deepEqual(store.messages.value[1]?.reactions, [{ emoji: "🎉", members: [BO.id] }]);
  assert.equal(store.older.value, "none");
  store.loadOlder();
  assert.deepEqual(transport.take(), []);
});

test("[RS6] a page that does not come fails, and can be asked for again when live", () => {
  const { store, transport } = harness();
  transport.open();
  const snapshot = {
    type: "snapshot",
    head: 60,
    before: 11,
    messages: [message(60, "new")],
  } as const;
  transport.say(welcome({ head: 60 }), snapshot, { type: "live", head: 60 });
  store.loadOlder();
  transport.lose();
  assert.equal(store.older.value, "failed");
  store.loadOlder();
  assert.equal(store.older.value, "failed");
  transport.open();
  transport.say(welcome({ head: 60 }), { type: "live", head: 60 });
  assert.equal(store.older.value, "idle");
  store.loadOlder();
  transport.say({
    type: "refused",
    command_id: null,
    code: "unavailable",
    message: "",
    retry_after_s: 2,
  });
  assert.equal(store.older.value, "failed");
});

test("[LG14] reading moves the mark at once, tells the server at most once a second", () => {
  const { store, transport, clock } = live();
  transport.say({ type: "entries", entries: [posted(3, "a"), posted(4, "b"), posted(5, "c")] });
  assert.equal(store.unread.value, 3);
  store.markRead(3);
  store.markRead(4);
  store.markRead(5);
  store.markRead(1);
  assert.equal(store.unread.value, 0);
  assert.deepEqual(transport.take(), [{ type: "mark_read", seq: 3 }]);
  clock.pass(1_000);
  assert.deepEqual(transport.take(), [{ type: "mark_read", seq: 5 }]);
  clock.pass(5_000);
  assert.deepEqual(transport.take(), []);
});

test("[LG14] what was read offline is told when live again", () => {
  const { store, transport, clock } = live();
  transport.say({ type: "entries", entries: [posted(3, "a")] });
  transport.lose();
  store.markRead(3);
  clock.pass(5_000);
  transport.open();
  transport.say(welcome({ head: 3, read: 2 }), { type: "live", head: 3 });
  assert.deepEqual(transport.take(), [{ type: "mark_read", seq: 3 }]);
});

test("[RS9] my other page's read mark counts here", () => {
  const { store, transport } = live();
  transport.say({ type: "entries", entries: [posted(3, "a")] }, { type: "read", seq: 3 });
  assert.equal(store.unread.value, 0);
});

test("[AP3] unread never counts my own or deleted messages", () => {
  const { store, transport } = live();
  const base = { at: 5, author: BO.id, command_id: null };
  transport.say({
    type: "entries",
    entries: [
      posted(3, "mine", { author: ADA.id }),
      posted(4, "gone"),
      { ...base, kind: "redacted", seq: 5, body: { target: 4 } },
    ],
  });
  assert.equal(store.unread.value, 0);
});

test("[FO4] after a loss, commands of all kinds go out again with their ids", () => {
  const { store, transport } = live();
  store.post("a");
  store.toggleReaction(1, "🎉");
  const first = commandsOf(transport.take());
  transport.lose();
  transport.open();
  transport.say(welcome(), { type: "live", head: 2 });
  assert.deepEqual(commandsOf(transport.take()), first);
});
