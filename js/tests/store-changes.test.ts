// Edits, reactions, deletions and the title: shown at once, taken back if refused.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Entry } from "../src/protocol/types.generated.ts";
import { ADA, reacted, welcome } from "./fakes.ts";
import { commandsOf, live, onlyCommand, shown, texts } from "./harness.ts";

const refusal = { type: "refused", retry_after_s: null, message: "No." } as const;

function reactionsOf(made: ReturnType<typeof live>, seq: number): string[] {
  const shown = made.store.messages.value.find((one) => one.seq === seq);
  return (shown?.reactions ?? []).map(({ emoji, members }) => `${emoji} ${members.join()}`);
}

test("[UI2] an edit is shown at once, and stays when its entry comes", () => {
  const { store, transport } = live();
  store.edit(2, "better");
  assert.deepEqual(texts(store), ["hi", "better"]);
  assert.notEqual(store.messages.value.at(-1)?.editedAt, null);
  assert.equal(store.messages.value.at(-1)?.delivery.state, "pending");
  const { command_id } = onlyCommand(transport);
  const entry: Entry = {
    kind: "edited",
    seq: 3,
    at: 3,
    author: ADA.id,
    command_id,
    body: { target: 2, text: "better" },
  };
  transport.say({ type: "ack", command_id, seq: 3, duplicate: false });
  assert.deepEqual(texts(store), ["hi", "better"]);
  transport.say({ type: "entries", entries: [entry] });
  assert.deepEqual(texts(store), ["hi", "better"]);
  assert.equal(store.messages.value.at(-1)?.editedAt, 3);
});

test("[UI2] a refused edit reverts and says why", () => {
  const { store, transport } = live();
  store.edit(2, "better");
  const { command_id } = onlyCommand(transport);
  transport.say({ ...refusal, command_id, code: "not_found" });
  assert.deepEqual(texts(store), ["hi", "hello"]);
  assert.deepEqual(store.trouble.value, {
    id: 1,
    about: "edit",
    text: "No. Your text is kept for the next edit.",
  });
  assert.equal(store.keptEdits.of(2).get(), "better");
});

test("[UI2] an edit to the same text is nothing to send", () => {
  const { store, transport } = live();
  store.edit(2, "hello");
  assert.deepEqual(transport.take(), []);
});

test("[UI2] a reaction toggles at once and stays through ack and entry", () => {
  const made = live();
  const { store, transport } = made;
  store.toggleReaction(1, "🎉");
  assert.deepEqual(reactionsOf(made, 1), ["🎉 user:ada"]);
  const { command_id } = onlyCommand(transport);
  transport.say({ type: "ack", command_id, seq: 3, duplicate: false });
  assert.deepEqual(reactionsOf(made, 1), ["🎉 user:ada"]);
  transport.say({
    type: "entries",
    entries: [reacted(3, 1, "🎉", { author: ADA.id, command_id })],
  });
  assert.deepEqual(reactionsOf(made, 1), ["🎉 user:ada"]);
  store.toggleReaction(1, "🎉");
  assert.deepEqual(reactionsOf(made, 1), []);
  assert.equal(onlyCommand(transport).type, "unreact");
});

for (const clicks of [2, 3, 4, 5]) {
  test(`[UI2] ${clicks} quick clicks end in the state of the last one`, () => {
    const made = live();
    const { store, transport } = made;
    for (let click = 0; click < clicks; click++) store.toggleReaction(1, "🎉");
    const wanted = clicks % 2 === 1 ? ["🎉 user:ada"] : [];
    assert.deepEqual(reactionsOf(made, 1), wanted);
    const server = new Set<string>();
    for (let seq = 3; ; seq++) {
      const [command] = commandsOf(transport.take());
      if (command === undefined) break;
      assert.ok(command.type === "react" || command.type === "unreact");
      if (command.type === "react") server.add(command.emoji);
      else server.delete(command.emoji);
      transport.say({ type: "ack", command_id: command.command_id, seq, duplicate: false });
    }
    assert.equal(server.size, wanted.length);
    assert.deepEqual(reactionsOf(made, 1), wanted);
  });
}

test("[UI2] a refused reaction reverts and says why", () => {
  const made = live();
  const { store, transport } = made;
  store.toggleReaction(1, "🎉");
  const { command_id } = onlyCommand(transport);
  transport.say({ ...refusal, command_id, code: "too_many_reactions" });
  assert.deepEqual(reactionsOf(made, 1), []);
  assert.equal(store.trouble.value?.about, "react");
});

test("[UI2] a reaction that is there already, from another page of mine, is settled", () => {
  const { store, transport } = live();
  store.toggleReaction(1, "🎉");
  const { command_id } = onlyCommand(transport);
  transport.say({ ...refusal, command_id, code: "no_change" });
  assert.equal(store.trouble.value, null);
});

test("[UI2] a reaction unanswered for 15 s reverts and says so", () => {
  const made = live();
  const { store, clock } = made;
  store.toggleReaction(1, "🎉");
  clock.pass(15_000);
  assert.deepEqual(reactionsOf(made, 1), []);
  assert.equal(store.trouble.value?.about, "react");
});

test("[UI2] one kind of command that is slowed down doesn't hold up the others", () => {
  const { store, transport } = live();
  store.toggleReaction(1, "🎉");
  const { command_id } = onlyCommand(transport);
  transport.say({ ...refusal, command_id, code: "rate_limited", retry_after_s: 9 });
  store.post("hey");
  assert.equal(onlyCommand(transport).type, "post");
  assert.equal(store.slowUntil.value, 0);
});

test("[UI2] a deletion is shown at once, asked for after 6 s, and can be undone until then", () => {
  const { store, transport, clock } = live();
  store.deleteSoon(2);
  assert.equal(store.messages.value[1]?.redacted, true);
  assert.deepEqual([...store.deleting.value.keys()], [2]);
  clock.pass(5_999);
  assert.deepEqual(transport.take(), []);
  store.undoDelete(2);
  assert.deepEqual(texts(store), ["hi", "hello"]);
  clock.pass(10_000);
  assert.deepEqual(transport.take(), []);

  store.deleteSoon(2);
  clock.pass(6_000);
  const command = onlyCommand(transport);
  assert.equal(command.type === "redact" && command.target, 2);
  assert.equal(store.deleting.value.size, 0);
  assert.equal(store.messages.value[1]?.redacted, true);
});

test("[UI2] a deletion asked for again is put off, in its place among the others", () => {
  const { store, transport, clock } = live();
  store.deleteSoon(2);
  store.deleteSoon(1);
  clock.pass(4_000);
  store.deleteSoon(2);
  assert.deepEqual([...store.deleting.value.keys()], [2, 1]);
  clock.pass(2_000);
  const command = onlyCommand(transport);
  assert.equal(command.type === "redact" && command.target, 1);
});

test("[UI2] a deletion goes out when the page goes", () => {
  const { store, transport } = live();
  store.deleteSoon(2);
  store.flush();
  assert.equal(onlyCommand(transport).type, "redact");
});

test("[UI2] a new title is shown at once, folded, and reverts if refused", () => {
  const { store, transport } = live();
  store.rename("  The   team ");
  assert.equal(store.title.value, "The team");
  const { command_id } = onlyCommand(transport);
  transport.say({ ...refusal, command_id, code: "bad_title" });
  assert.equal(store.title.value, "Team");
  assert.equal(store.trouble.value?.about, "rename");
});

test("[UI15] a change that waits is shown as waiting, until it is stored", () => {
  const { store, transport } = live();
  const states = () => store.messages.value.map(({ delivery }) => delivery.state);
  transport.lose();
  store.toggleReaction(1, "🎉");
  store.edit(2, "hello!");
  store.toggleReaction(2, "🎉");
  store.rename("The team");
  assert.deepEqual(states(), ["pending", "pending"]);
  assert.equal(store.titleDelivery.value.state, "pending");
  transport.open();
  transport.say(welcome(), { type: "live", head: 2 });
  const sent = commandsOf(transport.take());
  for (const [at, { command_id }] of sent.entries()) {
    transport.say({ type: "ack", command_id, seq: 3 + at, duplicate: false });
  }
  for (const { command_id } of commandsOf(transport.take())) {
    transport.say({ type: "ack", command_id, seq: 6, duplicate: false });
  }
  assert.deepEqual(states(), ["sent", "sent"]);
  assert.equal(store.titleDelivery.value.state, "sent");
});

test("[UI15] a deletion that waits is shown as waiting where the message has its place", () => {
  const { store, transport, clock } = live();
  store.deleteSoon(2);
  assert.equal(store.messages.value[1]?.delivery.state, "sent");
  transport.lose();
  clock.pass(6_000);
  assert.equal(store.messages.value[1]?.redacted, true);
  assert.equal(store.messages.value[1]?.delivery.state, "pending");
});

/** Message 2 is edited without a connection. */
function editedOffline() {
  const made = live();
  const { store, transport } = made;
  transport.lose();
  store.edit(2, "hullo");
  const comeBack = (): void => {
    transport.open();
    transport.say(welcome(), { type: "live", head: 2 });
  };
  return { ...made, comeBack, id: shown(store, "hullo").commandId ?? "" };
}

test("[UI15] an edit that waits can be discarded, and had back until then", () => {
  const { store, transport, clock, comeBack, id } = editedOffline();
  store.deleteSoon(id);
  assert.deepEqual(texts(store), ["hi", "hello"]);
  assert.deepEqual(
    store.messages.value.map(({ delivery }) => delivery.state),
    ["sent", "sent"],
  );
  comeBack();
  assert.deepEqual(commandsOf(transport.take()), []); // it is not sent meanwhile
  store.undoDelete(id);
  assert.deepEqual(texts(store), ["hi", "hullo"]);
  assert.equal(onlyCommand(transport).type, "edit");
  clock.pass(6_000);
  assert.deepEqual(commandsOf(transport.take()), []);
});

test("[UI15] an edit that was discarded is never sent, and nothing is left of it", () => {
  const { store, transport, clock, comeBack, id } = editedOffline();
  store.deleteSoon(id);
  clock.pass(6_000);
  comeBack();
  assert.deepEqual(texts(store), ["hi", "hello"]);
  assert.deepEqual(commandsOf(transport.take()), []);
  assert.equal(store.messages.value[1]?.commandId, null);
});

test("[UI15] an edit that may be stored already is not one to discard", () => {
  const { store, transport, comeBack } = editedOffline();
  comeBack();
  assert.equal(onlyCommand(transport).type, "edit");
  assert.equal(shown(store, "hullo").commandId, null);
  transport.lose();
  assert.equal(shown(store, "hullo").commandId, null);
});

test("[UI15] an edit that waits is edited: the new one is sent in its place, as of now", () => {
  const { store, transport, clock, comeBack, id } = editedOffline();
  clock.pass(23 * 3_600_000);
  store.hold(id, 1);
  store.revise(shown(store, "hullo"), "hallo");
  store.hold(id, -1);
  assert.deepEqual(texts(store), ["hi", "hallo"]);
  clock.pass(2 * 3_600_000);
  comeBack();
  const command = onlyCommand(transport);
  assert.equal(command.type === "edit" && command.text, "hallo");
});

test("[UI15] what is stored as an edit while it is discarded takes no message with it", () => {
  const { store, transport, clock, comeBack, id } = editedOffline();
  store.deleteSoon(id);
  comeBack();
  const body = { target: 2, text: "hullo" };
  const entry: Entry = { kind: "edited", seq: 3, at: 3, author: ADA.id, command_id: id, body };
  transport.say({ type: "entries", entries: [entry] });
  clock.pass(12_000);
  assert.deepEqual(texts(store), ["hi", "hullo"]);
  assert.deepEqual(commandsOf(transport.take()), []);
});
