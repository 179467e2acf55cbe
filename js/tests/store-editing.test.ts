// Edits and deletions of what waits or failed: it keeps its place, and is not sent meanwhile.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { ClientCommand } from "../src/protocol/types.generated.ts";
import type { OwnedStore } from "../src/store/conversation.ts";
import { FakeBrowser } from "./fake-shelf.ts";
import { ADA, BO, FakeClock, type FakeTransport, posted, welcome } from "./fakes.ts";
import { commandsOf, failed, live, onlyCommand, retryAll, shown, texts } from "./harness.ts";
import { DAY, openLive, openPage, queued, settle } from "./pages.ts";

/** As the composer does it; returns what saves and what leaves it. */
function edit(store: OwnedStore, text: string) {
  const message = shown(store, text);
  const id = message.commandId ?? "";
  store.hold(id, 1);
  return {
    save(next: string): void {
      const now = store.messages.value.find(({ key }) => key === message.key) ?? message;
      store.revise(now, next);
      store.hold(id, -1);
    },
    cancel: () => store.hold(id, -1),
  };
}

function comeBack(transport: FakeTransport): void {
  transport.open();
  transport.say(welcome({ head: 2 }), { type: "live", head: 2 });
}

/** Takes what is sent and answers it, until nothing more comes. */
async function serve(transport: FakeTransport, from = 3): Promise<string[]> {
  const taken: string[] = [];
  for (let seq = from; ; seq++) {
    await settle();
    const [command] = commandsOf(transport.take());
    if (command === undefined) return taken;
    taken.push(textOf(command));
    transport.say({ type: "ack", command_id: command.command_id, seq, duplicate: false });
  }
}

function textOf(command: ClientCommand): string {
  return "text" in command ? `${command.type} ${command.text}` : command.type;
}

async function threeOffline(browser = new FakeBrowser()) {
  const made = await openLive(browser);
  made.transport.take();
  made.transport.lose();
  for (const text of ["one", "two", "three"]) made.store.post(text);
  await settle();
  return { ...made, browser };
}

test("[UI15] what waits is edited in its place, under a new id, and kept so", async () => {
  const { store, transport, browser } = await threeOffline();
  const before = shown(store, "two").commandId;
  edit(store, "two").save("zwei");
  await settle();
  assert.deepEqual(texts(store), ["hi", "hello", "one", "zwei", "three"]);
  assert.notEqual(shown(store, "zwei").commandId, before);
  const reloaded = openPage(browser);
  await settle();
  reloaded.transport.open();
  reloaded.transport.say(welcome({ head: 2 }));
  await settle();
  assert.deepEqual(texts(reloaded.store).slice(-3), ["one", "zwei", "three"]);
  comeBack(transport);
  assert.deepEqual(await serve(transport), ["post one", "post zwei", "post three"]);
});

test("[UI15] what is being edited is not sent, nor what is behind it; left, it goes", async () => {
  const { store, transport } = await threeOffline();
  const editing = edit(store, "two");
  comeBack(transport);
  assert.deepEqual(await serve(transport), ["post one"]);
  editing.cancel();
  assert.deepEqual(await serve(transport, 4), ["post two", "post three"]);
});

test("[UI15] saved while connected, it goes before what waited behind it", async () => {
  const { store, transport } = await threeOffline();
  const editing = edit(store, "two");
  comeBack(transport);
  assert.deepEqual(await serve(transport), ["post one"]);
  editing.save("zwei");
  assert.deepEqual(await serve(transport, 4), ["post zwei", "post three"]);
});

test("[UI15] stored since its edit began: saving is an edit of the message", async () => {
  const { store, transport } = await openLive(new FakeBrowser());
  store.post("oops");
  await settle();
  const { command_id } = onlyCommand(transport);
  const editing = edit(store, "oops");
  transport.say({ type: "ack", command_id, seq: 3, duplicate: false });
  transport.say({ type: "entries", entries: [posted(3, "oops", { author: ADA.id, command_id })] });
  editing.save("ups");
  assert.deepEqual(await serve(transport, 4), ["edit ups"]);
  assert.deepEqual(texts(store), ["hi", "hello", "ups"]);
});

test("[UI15] found to be stored after it was saved: it has the new text, once", async () => {
  const { store, transport, browser } = await (async () => {
    const browser = new FakeBrowser();
    return { ...(await openLive(browser)), browser };
  })();
  store.post("oops");
  await settle();
  const { command_id } = onlyCommand(transport);
  transport.lose();
  store.post("later");
  edit(store, "oops").save("ups");
  assert.deepEqual(texts(store), ["hi", "hello", "ups", "later"]);
  transport.open();
  transport.say(welcome({ head: 3 }));
  transport.say({ type: "entries", entries: [posted(3, "oops", { author: ADA.id, command_id })] });
  transport.say({ type: "live", head: 3 });
  await settle();
  assert.deepEqual(texts(store), ["hi", "hello", "ups", "later"]);
  assert.deepEqual(commandsOf(transport.take()).map(textOf).sort(), ["edit ups", "post later"]);
  assert.deepEqual(browser.items.has(command_id), false);
});

test("[UI15] a failed message that is edited is sent, in its place", () => {
  const { store, transport } = live();
  store.post("one");
  store.post("two");
  const [first] = commandsOf(transport.take());
  assert.ok(first);
  transport.say({
    type: "refused",
    command_id: first.command_id,
    code: "not_allowed",
    message: "No.",
    retry_after_s: null,
  });
  transport.take();
  edit(store, "one").save("eins");
  assert.deepEqual(texts(store).slice(-2), ["eins", "two"]);
  assert.equal(shown(store, "eins").delivery.state, "pending");
});

test("[UI15] a failed message that is saved as it was is sent again", () => {
  const { store, transport } = live();
  store.post("one");
  const { command_id } = onlyCommand(transport);
  transport.say({
    type: "refused",
    command_id,
    code: "not_allowed",
    message: "No.",
    retry_after_s: null,
  });
  edit(store, "one").save("one");
  assert.equal(onlyCommand(transport).command_id, command_id);
});

test("[UI15] what its author is asked about is asked about after an edit, too", async () => {
  const clock = new FakeClock();
  const then = clock.now() - 1.5 * DAY;
  const { store, transport } = await openLive(queued(["a", then], ["b", then + 1]), { clock });
  assert.equal(store.old.value.length, 2);
  edit(store, "b").save("B");
  assert.deepEqual(
    store.old.value.map(({ text }) => text),
    ["a", "B"],
  );
  assert.deepEqual(commandsOf(transport.take()), []);
  store.confirmOld();
  assert.deepEqual(await serve(transport), ["post a", "post B"]);
});

test("[UI14] [UI15] another page does not send what is edited here, while this one lives", async () => {
  const { store, browser, page } = await threeOffline();
  const editing = edit(store, "two");
  const other = await openLive(browser);
  editing.cancel();
  const again = edit(store, "two");
  assert.deepEqual(await serve(other.transport), ["post one"]);
  again.save("zwei");
  assert.deepEqual(await serve(other.transport, 4), ["post zwei", "post three"]);
  page.die();
});

test("[UI14] [UI15] what a page that died was editing is sent by another one", async () => {
  const { store, browser, page, clock } = await threeOffline();
  const other = await openLive(browser);
  edit(store, "one");
  page.die();
  other.transport.take();
  other.transport.lose();
  comeBack(other.transport);
  assert.deepEqual(await serve(other.transport), []);
  clock.pass(100_000);
  other.clock.pass(100_000);
  assert.deepEqual(await serve(other.transport), ["post one", "post two", "post three"]);
});

test("[UI13] the text of an edit of what waits is kept for the next page", async () => {
  const browser = new FakeBrowser();
  const { store } = await threeOffline(browser);
  const id = shown(store, "two").commandId ?? "";
  store.keptEdits.of(id).set("zw");
  const next = await openLive(browser);
  assert.equal(next.store.keptEdits.of(id).get(), "zw");
});

const UNDO_MS = 6_000;

test("[UI15] deleted before it was sent, it can be had back, at its place", async () => {
  const { store, transport, clock } = await threeOffline();
  const id = shown(store, "two").commandId ?? "";
  store.deleteSoon(id);
  assert.deepEqual(texts(store).slice(-2), ["one", "three"]);
  comeBack(transport);
  assert.deepEqual(await serve(transport), ["post one"]); // it is not sent, nor what is behind it
  store.undoDelete(id);
  assert.deepEqual(await serve(transport, 4), ["post two", "post three"]);
  clock.pass(UNDO_MS);
  assert.deepEqual(await serve(transport, 6), []);
});

test("[UI15] deleted before it was sent, it never is, and leaves nothing behind", async () => {
  const { store, transport, browser, clock } = await threeOffline();
  store.deleteSoon(shown(store, "two").commandId ?? "");
  await settle();
  assert.equal(browser.items.size, 3); // until it can't be undone any more
  clock.pass(UNDO_MS);
  await settle();
  assert.equal(browser.items.size, 2);
  comeBack(transport);
  assert.deepEqual(await serve(transport), ["post one", "post three"]);
});

test("[UI15] all that failed is deleted, and had back, at once", () => {
  const { store, transport, clock } = live();
  for (const text of ["one", "two", "three"]) store.post(text);
  clock.pass(16_000);
  const ids = failed(store);
  assert.equal(ids.length, 3);
  store.deleteSoon(...ids);
  assert.deepEqual(texts(store), ["hi", "hello"]);
  assert.equal(new Set(store.deleting.value.values()).size, 1);
  store.undoDelete(...ids);
  assert.deepEqual(texts(store).slice(-3), ["one", "two", "three"]);
  transport.take();
  retryAll(store);
  assert.deepEqual(commandsOf(transport.take()).map(textOf), ["post one"]);
});

for (const undone of [true, false]) {
  const name = undone ? "had back, it stays" : "it is deleted for all";
  test(`[UI15] deleted while it was under way and stored since: ${name}`, async () => {
    const { store, transport, clock } = await openLive(new FakeBrowser());
    store.post("oops");
    await settle();
    const { command_id } = onlyCommand(transport);
    store.deleteSoon(command_id);
    transport.say({ type: "ack", command_id, seq: 3, duplicate: false });
    assert.equal(texts(store).includes("oops"), false);
    const entries = [posted(3, "oops", { author: ADA.id, command_id })];
    transport.say({ type: "entries", entries });
    assert.equal(texts(store).includes("oops"), false);
    assert.deepEqual([...store.deleting.value.keys()], [3]);
    if (undone) store.undoDelete(3);
    clock.pass(UNDO_MS);
    assert.equal(texts(store).includes("oops"), undone);
    assert.deepEqual(await serve(transport, 4), undone ? [] : ["redact"]);
  });
}

test("[UI13] [UI15] a page that goes deletes at once what it was told to", async () => {
  const { store, browser } = await threeOffline();
  store.deleteSoon(shown(store, "two").commandId ?? "");
  store.flush();
  await settle();
  const kept = [...browser.items.values()].map(({ command }) => textOf(command));
  assert.deepEqual(kept, ["post one", "post three"]);
});

test("[UI13] what failed since the server did not answer waits for the next one, all of it", async () => {
  const { store, transport, clock } = await openLive(new FakeBrowser());
  for (const text of ["one", "two", "three"]) store.post(text);
  await settle();
  transport.take();
  clock.pass(16_000);
  assert.equal(failed(store).length, 3);
  transport.lose();
  assert.deepEqual(failed(store), []);
  comeBack(transport);
  assert.deepEqual(await serve(transport), ["post one", "post two", "post three"]);
});

test("[UI13] what failed since the server did not answer waits after a reload, too", async () => {
  const browser = new FakeBrowser();
  const { store, clock, page } = await openLive(browser);
  for (const text of ["one", "two", "three"]) store.post(text);
  await settle();
  clock.pass(16_000);
  await settle();
  page.die();
  const next = await openLive(browser);
  assert.deepEqual(await serve(next.transport), ["post one", "post two", "post three"]);
});

test("[RS4] the text of an edit is not that of the same number in another log", async () => {
  const browser = new FakeBrowser();
  const { store, transport } = await openLive(browser);
  const begun = store.keptEdits.of(2);
  begun.set("hello the");
  transport.lose();
  transport.open();
  transport.say(welcome({ epoch: "e2", head: 1, read: 0 }), { type: "reset", epoch: "e2" });
  assert.equal(store.keptEdits.of(2).get(), null);
  begun.set("hello there"); // whoever typed it types on
  assert.equal(store.keptEdits.of(2).get(), null);
  assert.equal(begun.get(), "hello there");
  const fresh = await openLive(browser);
  assert.equal(fresh.store.keptEdits.of(2).get(), "hello there"); // of the log of before
});

test("[UI13] what is typed of an edit stays the one's who began it", async () => {
  const browser = new FakeBrowser();
  const { store, transport } = await openLive(browser);
  const begun = store.keptEdits.of(2);
  transport.lose();
  transport.open();
  transport.say(welcome({ you: BO }), { type: "live", head: 2 });
  begun.set("hello the");
  assert.equal(store.keptEdits.of(2).get(), null);
  begun.delete();
  assert.equal((await openLive(browser)).store.keptEdits.of(2).get(), null);
});

test("[UI13] the text of an edit outlives its page, for the same person", async () => {
  const browser = new FakeBrowser();
  const first = await openLive(browser);
  first.store.keptEdits.of(2).set("hello the");
  const second = await openLive(browser);
  assert.equal(second.store.keptEdits.of(2).get(), "hello the");
  second.transport.lose();
  second.transport.open();
  second.transport.say(welcome({ you: BO }), { type: "live", head: 2 });
  assert.equal(second.store.keptEdits.of(2).get(), null);
  first.store.keptEdits.of(2).delete();
  const third = await openLive(browser);
  assert.equal(third.store.keptEdits.of(2).get(), null);
});
