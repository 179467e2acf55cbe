// What is deleted while it waits, is under way, or may have arrived.

import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeBrowser } from "./fake-shelf.ts";
import { ADA, message, posted, reacted, welcome } from "./fakes.ts";
import { commandsOf, onlyCommand, texts } from "./harness.ts";
import { openLive, settle } from "./pages.ts";

function only(store: Awaited<ReturnType<typeof openLive>>["store"]): string {
  const last = store.messages.value.at(-1);
  assert.ok(last?.commandId);
  return last.commandId;
}

test("[UI2] [UI13] a deletion goes out when the page goes, and is kept", async () => {
  const browser = new FakeBrowser();
  const { store, transport } = await openLive(browser);
  store.deleteSoon(2);
  store.flush();
  assert.equal(onlyCommand(transport).type, "redact");
  assert.equal(browser.items.size, 1);
});

test("[UI13] what is posted before the browser is ready goes out when the page goes", async () => {
  const { store, transport } = await openLive(new FakeBrowser(), {
    shelf: () => new Promise(() => {}),
  });
  store.post("quick");
  store.flush();
  assert.equal(onlyCommand(transport).type, "post");
});

test("[UI15] deleted while it is under way, it is deleted for all", async () => {
  const { store, transport } = await openLive(new FakeBrowser());
  store.post("oops");
  await settle();
  const { command_id } = onlyCommand(transport);
  store.discard(command_id);
  assert.deepEqual(texts(store), ["hi", "hello"]);
  transport.say({ type: "ack", command_id, seq: 3, duplicate: false });
  await settle();
  const redact = onlyCommand(transport);
  assert.equal(redact.type === "redact" && redact.target, 3);
});

test("[UI14] [UI15] deleted in one page while another sends it, it is deleted for all", async () => {
  const browser = new FakeBrowser();
  const first = await openLive(browser);
  const second = await openLive(browser);
  first.store.post("oops");
  await settle();
  const { command_id } = onlyCommand(first.transport);
  second.store.discard(command_id);
  await settle();
  assert.deepEqual(texts(first.store), ["hi", "hello"]);
  first.transport.say({ type: "ack", command_id, seq: 3, duplicate: false });
  await settle();
  const redact = onlyCommand(first.transport);
  assert.equal(redact.type === "redact" && redact.target, 3);
});

test("[UI14] a reaction that another page is sending is answered by its opposite", async () => {
  const browser = new FakeBrowser();
  const first = await openLive(browser);
  const second = await openLive(browser);
  first.store.toggleReaction(1, "🎉");
  await settle();
  const { command_id } = onlyCommand(first.transport);
  second.store.toggleReaction(1, "🎉");
  await settle();
  const entry = reacted(3, 1, "🎉", { author: ADA.id, command_id });
  first.transport.say({ type: "ack", command_id, seq: 3, duplicate: false });
  first.transport.say({ type: "entries", entries: [entry] });
  await settle();
  assert.equal(onlyCommand(first.transport).type, "unreact");
});

for (const by of ["entry", "snapshot"] as const) {
  test(`[UI13] [UI15] taken back, then reloaded: deleted when it is found by ${by}`, async () => {
    const browser = new FakeBrowser();
    const first = await openLive(browser);
    first.store.flush();
    first.store.post("oops");
    await settle();
    const { command_id } = onlyCommand(first.transport);
    first.transport.lose();
    first.store.discard(only(first.store));
    await settle();
    first.page.die();
    if (by === "snapshot") browser.kept = null;
    const second = await openLive(browser);
    assert.deepEqual(texts(second.store), ["hi", "hello"]);
    if (by === "entry") {
      const entry = posted(3, "oops", { author: ADA.id, command_id });
      second.transport.say({ type: "entries", entries: [entry] });
    } else {
      assert.deepEqual(commandsOf(second.transport.take()), []); // it seems not to be stored
      second.transport.lose();
      second.transport.open();
      const messages = [message(1, "hi"), message(3, "oops", ADA.id)];
      second.transport.say(welcome({ head: 3 }));
      second.transport.say({ type: "snapshot", head: 3, before: null, messages });
      second.transport.say({ type: "live", head: 3 });
      assert.equal(onlyCommand(second.transport).command_id, command_id);
      second.transport.say({ type: "ack", command_id, seq: 3, duplicate: true });
    }
    await settle();
    const redact = onlyCommand(second.transport);
    assert.equal(redact.type === "redact" && redact.target, 3);
    assert.deepEqual([...browser.items.keys()], [redact.command_id]);
  });
}

test("[UI15] taken back while much was written: looked for as far back as it was made", async () => {
  const { store, transport } = await openLive(new FakeBrowser());
  store.post("oops");
  await settle();
  const { command_id } = onlyCommand(transport);
  transport.lose();
  store.discard(command_id);
  transport.open();
  transport.take();
  transport.say(welcome({ head: 90 }));
  const newest = [message(60, "much"), message(90, "later")];
  transport.say({ type: "snapshot", head: 90, before: 60, messages: newest });
  transport.say({ type: "live", head: 90 });
  assert.deepEqual(transport.take(), [{ type: "history", before: 60 }]);
  transport.say({ type: "page", messages: [message(30, "more")], before: 30 });
  assert.deepEqual(transport.take(), [{ type: "history", before: 30 }]);
  const oldest = [message(2, "hello", ADA.id), message(3, "oops", ADA.id)];
  transport.say({ type: "page", messages: oldest, before: 2 });
  assert.equal(onlyCommand(transport).command_id, command_id);
  transport.say({ type: "ack", command_id, seq: 3, duplicate: true });
  await settle();
  const redact = onlyCommand(transport);
  assert.equal(redact.type === "redact" && redact.target, 3);
  assert.equal(store.messages.value[1]?.redacted, true);
});

test("[UI15] what was never sent and is taken back leaves nothing behind", async () => {
  const browser = new FakeBrowser();
  const { store, transport } = await openLive(browser);
  transport.lose();
  store.post("no");
  await settle();
  store.discard(only(store));
  await settle();
  assert.equal(browser.items.size, 0);
});
