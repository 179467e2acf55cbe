// Posting: shown at once, settled by its command id, there once whatever was lost.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ADA, message, posted, welcome } from "./fakes.ts";
import { commandsOf, failed, live, onlyCommand, retryAll, shown, texts } from "./harness.ts";

const refusal = { type: "refused", retry_after_s: null, message: "No." } as const;

test("[UI2] a post is shown at once, and keeps its key from pending to sent", () => {
  const { store, transport } = live();
  store.post("new", 1);
  const pending = store.messages.value.at(-1);
  assert.equal(pending?.delivery.state, "pending");
  assert.equal(pending.seq, null);
  assert.equal(pending.replyTo, 1);
  const { command_id } = onlyCommand(transport);

  transport.say({ type: "ack", command_id, seq: 3, duplicate: false });
  assert.equal(store.messages.value.at(-1)?.delivery.state, "sent");
  assert.equal(store.messages.value.at(-1)?.seq, 3);
  transport.say({ type: "entries", entries: [posted(3, "new", { author: ADA.id, command_id })] });
  assert.deepEqual(texts(store), ["hi", "hello", "new"]);
  assert.equal(store.messages.value.at(-1)?.key, pending.key);
  assert.equal(store.messages.value.at(-1)?.commandId, null);
});

test("[UI2] the entry may come before the ack", () => {
  const { store, transport } = live();
  store.post("new");
  const { command_id } = onlyCommand(transport);
  const { key } = store.messages.value.at(-1) ?? {};
  transport.say({ type: "entries", entries: [posted(3, "new", { author: ADA.id, command_id })] });
  assert.deepEqual(texts(store), ["hi", "hello", "new"]);
  transport.say({ type: "ack", command_id, seq: 3, duplicate: false });
  assert.deepEqual(texts(store), ["hi", "hello", "new"]);
  assert.equal(store.messages.value.at(-1)?.key, key);
});

test("[UI2] a lost ack: the entry in the gap settles it, and nothing is sent again", () => {
  const { store, transport } = live();
  store.post("new");
  const { command_id } = onlyCommand(transport);
  transport.lose();
  assert.deepEqual(transport.open(), {
    type: "hello",
    protocol: 1,
    client: "web/test",
    after: 2,
    epoch: "e1",
  });
  transport.say(
    welcome({ head: 3 }),
    { type: "entries", entries: [posted(3, "new", { author: ADA.id, command_id })] },
    { type: "live", head: 3 },
  );
  assert.deepEqual(texts(store), ["hi", "hello", "new"]);
  assert.deepEqual(commandsOf(transport.take()), []);
});

test("[UI2] a lost command: sent again with the same id after reconnecting", () => {
  const { store, transport } = live();
  store.post("new");
  const first = onlyCommand(transport);
  transport.lose();
  transport.open();
  transport.say(welcome(), { type: "live", head: 2 });
  assert.deepEqual(onlyCommand(transport), first);
  assert.deepEqual(texts(store), ["hi", "hello", "new"]);
});

test("[UI2] a lost ack and a snapshot: shown once before and after the duplicate's answer", () => {
  const { store, transport } = live();
  store.post("new");
  const { command_id } = onlyCommand(transport);
  transport.lose();
  transport.open();
  const messages = [message(1, "hi"), message(3, "new", ADA.id)];
  transport.say(welcome({ head: 900 }), { type: "snapshot", head: 900, before: null, messages });
  assert.deepEqual(texts(store), ["hi", "new"]);
  transport.say({ type: "live", head: 900 });
  assert.equal(onlyCommand(transport).command_id, command_id);
  transport.say({ type: "ack", command_id, seq: 3, duplicate: true });
  assert.deepEqual(texts(store), ["hi", "new"]);
});

test("[UI2] two posts of the same text are two, even after a snapshot with one of them", () => {
  const { store, transport } = live();
  store.post("ok");
  store.post("ok");
  transport.lose();
  transport.open();
  const messages = [message(3, "ok", ADA.id)];
  transport.say(welcome({ head: 900 }), { type: "snapshot", head: 900, before: null, messages });
  assert.deepEqual(texts(store), ["ok", "ok"]);
});

test("[UI2] posts go out one after another, in their order", () => {
  const { store, transport } = live();
  store.post("a");
  store.post("b");
  const first = onlyCommand(transport);
  transport.say({ type: "ack", command_id: first.command_id, seq: 3, duplicate: false });
  const second = onlyCommand(transport);
  assert.deepEqual(
    [first, second].map((command) => "text" in command && command.text),
    ["a", "b"],
  );
  assert.deepEqual(texts(store), ["hi", "hello", "a", "b"]);
});

test("[UI2] what is written offline waits, and goes out in order", () => {
  const { store, transport } = live();
  transport.lose();
  store.post("a");
  store.post("b");
  assert.deepEqual(texts(store), ["hi", "hello", "a", "b"]);
  assert.deepEqual(transport.take(), []);
  transport.open();
  transport.say(welcome());
  assert.deepEqual(transport.take(), []);
  transport.say({ type: "live", head: 2 });
  const { command_id } = onlyCommand(transport);
  transport.say({ type: "ack", command_id, seq: 3, duplicate: false });
  assert.notEqual(onlyCommand(transport).command_id, command_id);
});

test("[UI2] a refused post stays with its reason; Retry keeps its id, Delete takes it away", () => {
  const { store, transport } = live();
  store.post("new");
  const { command_id } = onlyCommand(transport);
  transport.say({ ...refusal, command_id, code: "read_only" });
  assert.deepEqual(store.messages.value.at(-1)?.delivery, { state: "failed", reason: "No." });
  store.retry(command_id);
  assert.equal(onlyCommand(transport).command_id, command_id);
  transport.say({ ...refusal, command_id, code: "read_only" });
  store.discard(command_id);
  assert.deepEqual(texts(store), ["hi", "hello"]);
});

test("[UI2] a refused post doesn't hold up the next one", () => {
  const { store, transport } = live();
  store.post("a");
  store.post("b");
  transport.say({ ...refusal, command_id: onlyCommand(transport).command_id, code: "empty" });
  onlyCommand(transport);
  for (const id of failed(store)) store.discard(id);
  assert.deepEqual(texts(store), ["hi", "hello", "b"]);
});

test("[UI2] slowed down: it stays pending, goes out after the time, before what follows", () => {
  const { store, transport, clock } = live();
  store.post("a");
  store.post("b");
  const { command_id } = onlyCommand(transport);
  transport.say({ ...refusal, command_id, code: "rate_limited", retry_after_s: 3.2 });
  assert.equal(store.messages.value.at(-2)?.delivery.state, "pending");
  assert.ok(store.slowUntil.value > clock.now() + 3_000);
  clock.pass(3_100);
  assert.deepEqual(transport.take(), []);
  clock.pass(200);
  assert.equal(onlyCommand(transport).command_id, command_id);
});

test("[UI14] slowed down, and the clock is set back: it goes out after the time all the same", () => {
  const { store, transport, clock } = live();
  store.post("a");
  store.post("b");
  const { command_id } = onlyCommand(transport);
  transport.say({ ...refusal, command_id, code: "rate_limited", retry_after_s: 3.2 });
  clock.step(-3_600_000);
  clock.pass(3_100);
  assert.deepEqual(transport.take(), []);
  clock.pass(900);
  assert.equal(onlyCommand(transport).command_id, command_id);
  assert.equal(store.slowUntil.value, 0);
  transport.say({ type: "ack", command_id, seq: 3, duplicate: false });
  onlyCommand(transport);
});

test("[UI14] after an outage: messages in order at their pace, what aims at older ones at once", () => {
  const { store, transport, clock } = live();
  transport.lose();
  for (const text of ["a", "b", "c"]) store.post(text);
  store.edit(1, "hi!");
  store.toggleReaction(2, "🎉");
  store.discard(1);
  store.discard(shown(store, "b").commandId ?? "");
  store.revise(shown(store, "c"), "c!");
  transport.open();
  transport.say(welcome(), { type: "live", head: 2 });
  const sent = commandsOf(transport.take());
  assert.deepEqual(sent.map(({ type }) => type).sort(), ["edit", "post", "react", "redact"]);
  const first = sent.find(({ type }) => type === "post");
  assert.ok(first?.type === "post" && first.text === "a");
  const { command_id } = first;
  transport.say({ ...refusal, command_id, code: "rate_limited", retry_after_s: 3 });
  store.toggleReaction(1, "👍"); // behind the other one, not behind the messages
  const other = sent.find(({ type }) => type === "react");
  transport.say({ type: "ack", command_id: other?.command_id ?? "", seq: 3, duplicate: false });
  assert.equal(onlyCommand(transport).type, "react");
  clock.pass(3_100);
  assert.equal(onlyCommand(transport).command_id, command_id);
  transport.say({ type: "ack", command_id, seq: 4, duplicate: false });
  const next = onlyCommand(transport);
  assert.ok(next.type === "post" && next.text === "c!");
});

test("[UI2] slowed down across a reconnection, it still waits for its time", () => {
  const { store, transport, clock } = live();
  store.post("a");
  const { command_id } = onlyCommand(transport);
  transport.say({ ...refusal, command_id, code: "rate_limited", retry_after_s: 5 });
  transport.lose();
  transport.open();
  transport.say(welcome(), { type: "live", head: 2 });
  assert.deepEqual(commandsOf(transport.take()), []);
  clock.pass(5_100);
  assert.equal(onlyCommand(transport).command_id, command_id);
});

test("[UI2] unanswered for 15 s while live: failed, and settled by a late entry", () => {
  const { store, transport, clock } = live();
  store.post("new");
  const { command_id } = onlyCommand(transport);
  clock.pass(14_999);
  assert.equal(store.messages.value.at(-1)?.delivery.state, "pending");
  clock.pass(1);
  assert.equal(store.messages.value.at(-1)?.delivery.state, "failed");
  transport.say({ type: "entries", entries: [posted(3, "new", { author: ADA.id, command_id })] });
  assert.deepEqual(texts(store), ["hi", "hello", "new"]);
  assert.equal(store.messages.value.at(-1)?.delivery.state, "sent");
});

test("[UI2] posts that waited as long behind an unanswered one fail with it", () => {
  const { store, transport, clock } = live();
  store.post("one");
  store.post("two");
  clock.pass(5_000);
  store.post("three");
  clock.pass(10_000);
  assert.deepEqual(
    store.messages.value.slice(2).map(({ delivery }) => delivery.state),
    ["failed", "failed", "pending"],
  );
  assert.equal(commandsOf(transport.take()).length, 2);
});

test("[UI2] an unanswered post that was deleted, but had arrived, is deleted on the server", () => {
  const { store, transport, clock } = live();
  store.post("oops");
  const { command_id } = onlyCommand(transport);
  clock.pass(15_000);
  store.discard(command_id);
  assert.deepEqual(texts(store), ["hi", "hello"]);
  transport.say({ type: "entries", entries: [posted(3, "oops", { author: ADA.id, command_id })] });
  const redact = onlyCommand(transport);
  assert.equal(redact.type === "redact" && redact.target, 3);
  assert.equal(store.messages.value.at(-1)?.redacted, true);
});

test("[UI2] a post that is too large as a frame is not sent at all", () => {
  const { store, transport } = live();
  store.post('"'.repeat(40_000)); // twice as long in JSON
  assert.deepEqual(transport.take(), []);
  assert.equal(store.messages.value.at(-1)?.delivery.state, "failed");
});

test("[UI4] closed for a frame that was too large: failed, and not sent again", () => {
  const { store, transport } = live();
  store.post("huge");
  transport.take();
  transport.isOpen = false;
  transport.show({ state: "ended", code: 4009, message: "too large" });
  assert.equal(store.messages.value.at(-1)?.delivery.state, "failed");
  transport.open();
  transport.say(welcome(), { type: "live", head: 2 });
  assert.deepEqual(commandsOf(transport.take()), []);
});

test("[UI2] failed posts are tried again, or taken away, all at once", () => {
  const { store, transport } = live();
  for (const text of ["a", "b"]) {
    store.post(text);
    transport.say({
      ...refusal,
      command_id: onlyCommand(transport).command_id,
      code: "unavailable",
    });
  }
  retryAll(store);
  assert.equal(commandsOf(transport.take()).length, 1);
  assert.deepEqual(
    store.messages.value.slice(-2).map((shown) => shown.delivery.state),
    ["pending", "pending"],
  );
});

test("[UI2] blank text is nothing to post", () => {
  const { store, transport } = live();
  store.post(" \n ");
  assert.deepEqual(transport.take(), []);
});
