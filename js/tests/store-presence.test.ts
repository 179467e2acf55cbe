// What is never stored on the server: typing, activity; and drafts, which stay in the browser.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ADA, BO, fakeStorage, posted, welcome } from "./fakes.ts";
import { commandsOf, type Harness, harness, live } from "./harness.ts";

function typing(member: string, active = true) {
  return { type: "ephemeral", kind: "typing", member, active, ttl_s: 6 } as const;
}

test("[PR6] typing is shown until it stops, expires, or its message comes", () => {
  const { store, transport, clock } = live();
  transport.say(typing(BO.id), typing("user:cy"), typing("user:di"));
  assert.deepEqual(store.typing.value, [BO.id, "user:cy", "user:di"]);
  transport.say(typing("user:cy", false));
  transport.say({ type: "entries", entries: [posted(3, "here it is")] });
  assert.deepEqual(store.typing.value, ["user:di"]);
  clock.pass(5_000);
  transport.say(typing("user:di"));
  clock.pass(5_999);
  assert.deepEqual(store.typing.value, ["user:di"]);
  clock.pass(1);
  assert.deepEqual(store.typing.value, []);
});

test("[PR6] I never see myself typing, and nobody after a loss", () => {
  const { store, transport } = live();
  transport.say(typing(ADA.id));
  assert.deepEqual(store.typing.value, []);
  transport.say(typing(BO.id));
  transport.lose();
  assert.deepEqual(store.typing.value, []);
});

test("[PR9] who is here is known until 3 s after a loss, and again with the next greeting", () => {
  const { store, transport, clock } = live();
  assert.equal(store.isPresenceKnown.value, true);
  transport.lose();
  clock.pass(2_900);
  transport.show({ state: "trying", since: 0 });
  assert.equal(store.isPresenceKnown.value, true);
  clock.pass(200);
  assert.equal(store.isPresenceKnown.value, false);
  transport.open();
  transport.say(welcome(), { type: "live", head: 2 });
  assert.equal(store.isPresenceKnown.value, true);
  transport.lose();
  transport.open();
  transport.say(welcome(), { type: "live", head: 2 });
  clock.pass(10_000);
  assert.equal(store.isPresenceKnown.value, true);
});

test("[PR6] my typing is told at the first key, every 3 s, and its end after 5 s without one", () => {
  const { store, transport, clock } = live();
  const on = { type: "typing", active: true };
  store.typingNow(true);
  store.typingNow(true);
  assert.deepEqual(transport.take(), [on]);
  clock.pass(2_900);
  store.typingNow(true);
  assert.deepEqual(transport.take(), []);
  clock.pass(100);
  store.typingNow(true);
  assert.deepEqual(transport.take(), [on]);
  clock.pass(5_000);
  assert.deepEqual(transport.take(), [{ type: "typing", active: false }]);
  clock.pass(10_000);
  assert.deepEqual(transport.take(), []);
});

test("[PR6] my typing ends with blur, and silently with my message", () => {
  const { store, transport } = live();
  store.typingNow(false);
  assert.deepEqual(transport.take(), []);
  store.typingNow(true);
  store.typingNow(false);
  store.typingNow(true);
  store.post("done");
  store.typingNow(false);
  assert.deepEqual(
    transport.take().map((frame) => frame.type),
    ["typing", "typing", "typing", "post"],
  );
});

test("[PR1] activity is told when it changes, and again on a new connection", () => {
  const { store, transport } = live();
  store.setActivity("active");
  store.setActivity("hidden");
  store.setActivity("hidden");
  assert.deepEqual(transport.take(), [{ type: "activity", state: "hidden" }]);
  transport.lose();
  store.setActivity("idle");
  transport.open();
  transport.say(welcome(), { type: "live", head: 2 });
  assert.deepEqual(transport.take(), [{ type: "activity", state: "idle" }]);
});

test("[UI21] a draft is kept within 500 ms, per server, person and conversation", () => {
  const { store, clock, drafts } = live();
  store.draft.value = "half a";
  clock.pass(200);
  store.draft.value = "half a thought";
  assert.equal(drafts.texts.size, 0);
  clock.pass(300); // half a second after the first key
  assert.deepEqual(
    [...drafts.texts],
    [["jupyter_collab:draft:http://here/:user:ada:team", "half a thought"]],
  );
  store.draft.value = "";
  clock.pass(500);
  assert.equal(drafts.texts.size, 0);
});

test("[UI21] a draft is kept while one types on without a pause", () => {
  const { store, clock, drafts } = live();
  for (const text of ["a", "ab", "abc"]) {
    store.draft.value = text;
    clock.pass(200);
  }
  assert.deepEqual([...drafts.texts.values()], ["ab"]);
  clock.pass(100);
  assert.deepEqual([...drafts.texts.values()], ["abc"]);
});

test("[UI21] a draft comes back once it is known who writes, unless something is written", () => {
  const drafts = fakeStorage();
  drafts.setItem("jupyter_collab:draft:http://here/:user:ada:team", "yesterday's");
  const first = harness(drafts);
  first.transport.open();
  first.transport.say(welcome());
  assert.equal(first.store.draft.value, "yesterday's");

  const second = harness(drafts);
  second.store.draft.value = "today's";
  second.transport.open();
  second.transport.say(welcome());
  assert.equal(second.store.draft.value, "today's");
  second.store.flush();
  assert.deepEqual([...drafts.texts.values()], ["today's"]);
});

/** Ada's tabs, on what her browser keeps; each knows who writes. */
function tabs(count: number): readonly Harness[] {
  const drafts = fakeStorage();
  return Array.from({ length: count }, () => {
    const tab = harness(drafts);
    tab.transport.open();
    tab.transport.say(welcome(), { type: "live", head: 2 });
    return tab;
  });
}

function write({ store, clock }: Harness, text: string): void {
  store.draft.value = text;
  clock.pass(500);
}

/** The tab's page goes; returns what the one that comes in its place has in its field. */
function reload({ store, drafts }: Harness): string {
  store.flush();
  const next = harness(drafts);
  next.transport.open();
  next.transport.say(welcome());
  return next.store.draft.value;
}

test("[UI21] what another tab writes and sends takes nothing from a draft", () => {
  const [first, second] = tabs(2);
  assert.ok(first && second);
  write(first, "a long thought");
  write(second, "quick answer");
  second.store.post("quick answer");
  write(second, "");
  assert.equal(reload(first), "a long thought");
});

test("[UI21] a tab that empties its field leaves what another one wrote since", () => {
  const [first, second] = tabs(2);
  assert.ok(first && second);
  write(first, "a short thought");
  write(second, "a long thought");
  write(first, "");
  assert.equal(first.drafts.texts.size, 1);
  assert.equal(reload(second), "a long thought");
});

test("[UI21] a tab that only shows a draft does not bring it back when another has sent it", () => {
  const [writing] = tabs(1);
  assert.ok(writing);
  write(writing, "a thought");
  const showing = harness(writing.drafts);
  showing.transport.open();
  showing.transport.say(welcome());
  assert.equal(showing.store.draft.value, "a thought");
  writing.store.post("a thought");
  write(writing, "");
  assert.equal(reload(showing), "");
});

test("[UI21] before it is known who writes, nothing is kept", () => {
  const { store, clock, drafts } = harness();
  store.draft.value = "secret";
  clock.pass(1_000);
  assert.equal(drafts.texts.size, 0);
});

test("[UI7] closing brings out what waits, and closes the connection", () => {
  const { store, transport, drafts } = live();
  store.draft.value = "unfinished";
  store.deleteSoon(2);
  store.close();
  assert.equal(drafts.texts.size, 1);
  assert.deepEqual(
    transport.take().map((frame) => frame.type),
    ["redact"],
  );
  assert.equal(transport.isClosed, true);
});

test("[ID1] another person on the same page gets neither draft, nor queue, nor read mark", () => {
  const { store, transport, drafts } = live();
  transport.say({ type: "entries", entries: [posted(3, "a"), posted(4, "b")] });
  store.markRead(4);
  store.draft.value = "Ada's thought";
  transport.lose();
  store.post("Ada's post");
  store.toggleReaction(1, "🎉");
  transport.open();
  transport.say(welcome({ head: 4, you: BO, read: 3 }), { type: "live", head: 4 });
  assert.deepEqual(commandsOf(transport.take()), []);
  assert.equal(store.messages.value.at(-1)?.delivery.state, "failed");
  assert.equal(store.draft.value, "");
  assert.equal(store.readMark.value, 3);
  assert.deepEqual([...drafts.texts.values()], ["Ada's thought"]);
});
