// Who members are: those whom a greeting tells of, and the others when something names them.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Member, Members, PresentMember, Who } from "../src/protocol/types.generated.ts";
import { ADA, BO, type FakeTransport, member, message, posted, reacted, welcome } from "./fakes.ts";
import { type Harness, harness, live } from "./harness.ts";

const CY = member("user:cy", "Cy");
const DI = member("user:di", "Di");

function told(members: readonly Member[], after: number | null = null): Members {
  return { type: "members", members, presence: [], after };
}

function queries(transport: FakeTransport): Who[] {
  return transport.take().filter((frame) => frame.type === "who");
}

function asked(transport: FakeTransport): string[] {
  return queries(transport).flatMap(({ ids }) => ids ?? []);
}

function present(id: string, changes: Partial<PresentMember> = {}): PresentMember {
  return { id, state: "active", connections: 1, last_seen: 5, ...changes };
}

function refused(retryAfterS: number) {
  const fields = { command_id: null, code: "rate_limited", message: "No." } as const;
  return { type: "refused", ...fields, retry_after_s: retryAfterS } as const;
}

/** Live in a conversation of 300, where the page was told of Ada and Bo. */
function crowded(): Harness {
  const made = harness();
  made.transport.open();
  made.transport.say(
    welcome({ members_in_all: 300 }),
    { type: "snapshot", head: 2, before: 1, messages: [message(2, "hello", ADA.id)] },
    { type: "live", head: 2 },
  );
  made.transport.take();
  return made;
}

test("[RS15] whom a greeting and its page name is asked for at once, if nobody told of them", () => {
  const { transport } = harness();
  transport.open();
  const reactions = [{ emoji: "🎉", members: [CY.id, BO.id] }];
  transport.say(
    welcome({ members: [BO], presence: [present(DI.id)] }),
    {
      type: "snapshot",
      head: 2,
      before: null,
      messages: [{ ...message(1, "hi", "user:ed"), reactions }],
    },
    { type: "live", head: 2 },
  );
  assert.deepEqual(asked(transport).sort(), [ADA.id, CY.id, DI.id, "user:ed"]);
});

test("[RS15] who writes, reacts, comes or is on an older page is asked for once", () => {
  const { store, transport } = crowded();
  transport.say({ type: "entries", entries: [posted(3, "hi", { author: CY.id })] });
  assert.deepEqual(queries(transport), [{ type: "who", ids: [CY.id] }]);
  transport.say({ type: "entries", entries: [reacted(4, 2, "🎉", { author: CY.id })] });
  transport.say({ type: "presence", members: [present(DI.id), present(BO.id)] });
  assert.deepEqual(queries(transport), []);
  transport.say(told([CY]));
  assert.equal(store.members.value.get(CY.id)?.name, "Cy");
  assert.deepEqual(queries(transport), [{ type: "who", ids: [DI.id] }]);
  transport.say(told([DI]));
  store.loadOlder();
  transport.say({ type: "page", messages: [message(1, "old", "user:ed")], before: null });
  assert.deepEqual(asked(transport), ["user:ed"]);
});

test("[RS15] many are asked for in parts, and whom nobody knows is not asked for again", () => {
  const { transport } = crowded();
  const crowd = Array.from({ length: 70 }, (_, at) => `user:${at}`);
  transport.say({ type: "presence", members: crowd.map((id) => present(id)) });
  assert.deepEqual(asked(transport), crowd.slice(0, 64));
  transport.say(told([], 40)); // not more fitted
  assert.deepEqual(asked(transport), crowd.slice(40));
  transport.say(told([]));
  assert.deepEqual(asked(transport), []);
});

test("[RS15] what could not be asked is asked when it may be, or on the next connection", () => {
  const { transport, clock } = crowded();
  transport.say({ type: "presence", members: [present(CY.id)] });
  transport.take();
  transport.say(refused(2));
  clock.pass(1_999);
  assert.deepEqual(asked(transport), []);
  clock.pass(1);
  assert.deepEqual(asked(transport), [CY.id]);
  transport.lose();
  transport.open();
  transport.say(welcome({ members: [], members_in_all: 300 }), { type: "live", head: 2 });
  assert.deepEqual(asked(transport), [CY.id]);
});

test("[RS15] everyone is asked for once per connection, part by part", () => {
  const { store, transport } = crowded();
  const { everyone } = store;
  assert.deepEqual([everyone.count.value, everyone.others.value], [300, "idle"]);
  everyone.load();
  everyone.load();
  assert.deepEqual(queries(transport), [{ type: "who", after: 0 }]);
  transport.say({ ...told([ADA, CY], 64), presence: [present(CY.id, { state: "offline" })] });
  assert.equal(store.members.value.get(CY.id)?.name, "Cy");
  assert.equal(store.presence.value.get(CY.id)?.last_seen, 5);
  assert.equal(everyone.others.value, "loading");
  assert.deepEqual(queries(transport), [{ type: "who", after: 64 }]);
  transport.say({ type: "presence", members: [present(DI.id)] });
  transport.say(told([BO], 128));
  assert.deepEqual(asked(transport), [DI.id], "who is shown goes first");
  transport.say(told([DI]));
  assert.deepEqual(queries(transport), [{ type: "who", after: 128 }]);
  transport.say(told([]));
  assert.equal(everyone.others.value, "none");
  everyone.load();
  assert.deepEqual(queries(transport), []);
  transport.lose();
  transport.open();
  transport.say(welcome({ members: [], members_in_all: 301 }), { type: "live", head: 2 });
  assert.deepEqual([everyone.count.value, everyone.others.value], [301, "idle"]);
  everyone.load();
  assert.deepEqual(queries(transport), [{ type: "who", after: 0 }]);
});

test("[RS15] where all were told of, nobody is asked for", () => {
  const { store, transport } = live();
  store.everyone.load();
  assert.equal(store.everyone.others.value, "none");
  assert.deepEqual(queries(transport), []);
});

test("[RS15] everyone who could not be asked for can be tried again, and goes on there", () => {
  const { store, transport } = crowded();
  const { everyone } = store;
  everyone.load();
  transport.say(told([ADA], 64));
  transport.take();
  transport.say(refused(2));
  assert.equal(everyone.others.value, "failed");
  everyone.load();
  assert.equal(everyone.others.value, "loading");
  assert.deepEqual(queries(transport), [{ type: "who", after: 64 }]);
  transport.lose();
  assert.equal(everyone.others.value, "failed");
  everyone.load();
  assert.equal(everyone.others.value, "failed");
});

test("[RS14] how many there are goes up with those who join after the greeting", () => {
  const { store, transport } = crowded();
  const joined = { kind: "joined", at: 3, command_id: null, author: CY.id } as const;
  transport.say({ type: "entries", entries: [{ ...joined, seq: 3, body: { member: CY } }] });
  assert.equal(store.everyone.count.value, 301);
  transport.lose();
  transport.open();
  transport.say(welcome({ members: [], members_in_all: 302, head: 4 }), {
    type: "entries",
    entries: [{ ...joined, seq: 4, body: { member: DI } }],
  });
  assert.equal(store.everyone.count.value, 302);
});

test("[RS13] a page in place of entries forgets whom it does not tell of", () => {
  const { store, transport } = crowded();
  transport.say(told([CY]));
  transport.lose();
  transport.open();
  const snapshot = { type: "snapshot", head: 900, before: 800, messages: [] } as const;
  transport.say(welcome({ head: 900, members: [ADA] }), snapshot);
  assert.deepEqual([...store.members.value.keys()], [ADA.id]);
  transport.say({ type: "live", head: 900 }, told([CY]), snapshot); // of what a sync asked for
  assert.deepEqual([...store.members.value.keys()], [ADA.id, CY.id]);
});

test("[RS14] a greeting tells of all who are here; the others are gone, as far as known", () => {
  const { store, transport } = crowded();
  transport.say({ type: "presence", members: [present(BO.id)] });
  transport.lose();
  transport.open();
  transport.say(welcome({ members: [], presence: [present(ADA.id)] }), { type: "live", head: 2 });
  const gone = { state: "offline", connections: 0 } as const;
  assert.deepEqual([...store.presence.value.values()], [present(BO.id, gone), present(ADA.id)]);
});

test("[RU11] a change of name is noticed of one who was asked for", () => {
  const { store, transport } = crowded();
  transport.say(told([CY]));
  const body = { member: { ...CY, name: "Cyd" } };
  const change = { kind: "profile_changed", at: 3, command_id: null, author: CY.id } as const;
  transport.say({ type: "entries", entries: [{ ...change, seq: 3, body }] });
  assert.deepEqual(
    store.notices.value.map((notice) => notice.kind === "profile" && notice.before),
    ["Cy"],
  );
});
