// What becomes of a kept queue when the log, the person, the browser or the other page changes.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { ClientCommand, Member } from "../src/protocol/types.generated.ts";
import { FakeBrowser } from "./fake-shelf.ts";
import { ADA, BO, FakeClock, message, posted, welcome } from "./fakes.ts";
import { commandsOf, onlyCommand, texts } from "./harness.ts";
import { DAY, openLive, openPage, queued, settle } from "./pages.ts";

function keep(browser: FakeBrowser, command: ClientCommand, createdAt: number): void {
  const made = { createdAt, until: createdAt + 14 * DAY, after: 0, epoch: "e1" };
  const item = { command, ...made, inDoubt: false, isConfirmed: false };
  browser.items.set(command.command_id, { ...item, state: { at: "queued" } });
}

test("[UI13] after a restore nothing is done to the messages that have the numbers now", async () => {
  const clock = new FakeClock();
  const browser = new FakeBrowser();
  keep(browser, { type: "redact", command_id: "K1", target: 1 }, clock.now());
  keep(browser, { type: "post", command_id: "K2", text: "re", reply_to: 1 }, clock.now() + 1);
  const { store, transport } = openPage(browser, { clock });
  await settle();
  transport.open();
  transport.say(welcome({ epoch: "e2", head: 1 }));
  const messages = [message(1, "another", ADA.id)];
  transport.say({ type: "snapshot", head: 1, before: null, messages }, { type: "live", head: 1 });
  await settle();
  assert.deepEqual(onlyCommand(transport), {
    type: "post",
    command_id: "K2",
    text: "re",
    reply_to: null,
  });
  assert.deepEqual(texts(store), ["another", "re"]);
  assert.equal(store.trouble.value?.about, "redact");
  assert.match(store.trouble.value?.text ?? "", /restored/);
});

test("[UI13] the same for a page that is there when the log is replaced", async () => {
  const { store, transport } = await openLive(new FakeBrowser());
  transport.lose();
  store.edit(2, "mine");
  transport.open();
  transport.say(welcome({ epoch: "e2", head: 2 }), { type: "reset", epoch: "e2" });
  const messages = [message(1, "x", ADA.id), message(2, "y", ADA.id)];
  transport.say({ type: "snapshot", head: 2, before: null, messages }, { type: "live", head: 2 });
  await settle();
  assert.deepEqual(commandsOf(transport.take()), []);
  assert.deepEqual(texts(store), ["x", "y", "mine"]);
  assert.deepEqual([store.keptEdits.of(2).get(), store.trouble.value], [null, null]);
  const last = store.messages.value.at(-1);
  assert.ok(last?.delivery.state === "failed" && last.commandId !== null);
  assert.match(last.delivery.reason, /restored/);
  store.retry(last.commandId);
  await settle();
  const { command_id, ...asked } = onlyCommand(transport);
  assert.deepEqual(asked, { type: "post", text: "mine", reply_to: null });
});

for (const broken of ["before reset", "before snapshot"] as const) {
  test(`[UI16] a break ${broken} never takes one log's messages for another's`, async () => {
    const browser = new FakeBrowser();
    const { store, transport, clock } = await openLive(browser);
    transport.lose();
    transport.open();
    transport.say(welcome({ epoch: "e2", head: 9 }));
    if (broken === "before snapshot") transport.say({ type: "reset", epoch: "e2" });
    clock.pass(2_000);
    store.flush();
    await settle();
    transport.lose();
    const hello = transport.open();
    assert.ok(hello.type === "hello");
    assert.notDeepEqual([hello.after, hello.epoch], [2, "e2"]);
    assert.equal(browser.kept?.info.epoch, "e1");
  });
}

test("[UI15] what is stored already is not asked about, however old it is", async () => {
  const clock = new FakeClock();
  const browser = queued(["hello", clock.now() - 8 * DAY]);
  const item = browser.items.get("Khello");
  assert.ok(item);
  browser.items.set("Khello", { ...item, state: { at: "sent" } });
  const { store, transport } = await openLive(browser, { clock });
  assert.deepEqual(store.old.value, []);
  assert.equal(onlyCommand(transport).command_id, "Khello");
  transport.say({ type: "ack", command_id: "Khello", seq: 2, duplicate: true });
  await settle();
  assert.deepEqual(texts(store), ["hi", "hello"]);
  assert.equal(browser.items.size, 0);
});

test("[UI13] a queue that is read after its entries came is settled by them", async () => {
  const clock = new FakeClock();
  const browser = new FakeBrowser();
  let isReady = (): void => {};
  const shelf = async () => {
    await new Promise<void>((resolve) => {
      isReady = resolve;
    });
    return page;
  };
  const { store, transport, page } = await openLive(browser, { clock, shelf });
  for (const [id, item] of queued(["late", clock.now() - 2 * DAY]).items) {
    browser.items.set(id, item);
  }
  const entry = posted(3, "late", { author: ADA.id, command_id: "Klate" });
  transport.say({ type: "entries", entries: [entry] });
  isReady();
  await settle();
  assert.deepEqual(texts(store), ["hi", "hello", "late"]);
  assert.deepEqual(store.old.value, []);
  assert.equal(browser.items.size, 0);
});

test("[UI13] a browser that was wiped empties no page's queue", async () => {
  const browser = new FakeBrowser();
  const { store, transport } = await openLive(browser);
  transport.lose();
  store.post("still here");
  await settle();
  browser.wipe();
  transport.open();
  transport.say(welcome(), { type: "live", head: 2 });
  await settle();
  assert.equal(onlyCommand(transport).type, "post");
  assert.equal(browser.items.size, 1);
});

test("[UI15] [ID1] nobody is asked about another person's message", async () => {
  const { store, transport, clock } = await openLive(new FakeBrowser(), {
    shelf: () => Promise.reject(new Error("forbidden")),
  });
  transport.lose();
  store.post("Ada's");
  clock.sleep(2 * DAY);
  transport.open();
  transport.say(welcome(), { type: "live", head: 2 });
  assert.equal(store.old.value.length, 1);
  transport.lose();
  transport.open();
  transport.say(welcome({ you: BO }), { type: "live", head: 2 });
  assert.deepEqual(store.old.value, []);
  store.confirmOld();
  assert.deepEqual(commandsOf(transport.take()), []);
});

test("[UI13] [ID1] an edit that can't be sent for the next person is kept for its author", async () => {
  const { store, transport } = await openLive(new FakeBrowser(), {
    shelf: () => Promise.reject(new Error("forbidden")),
  });
  transport.lose();
  store.edit(2, "Ada's");
  const become = (you: Member): string | null => {
    transport.open();
    transport.say(welcome({ you }), { type: "live", head: 2 });
    return store.keptEdits.of(2).get();
  };
  assert.equal(become(BO), null);
  assert.equal(store.trouble.value?.about, "edit");
  transport.lose();
  assert.equal(become(ADA), "Ada's");
});

test("[UI15] an edit and a title of yesterday overwrite nothing; a deletion goes", async () => {
  const clock = new FakeClock();
  const browser = new FakeBrowser();
  const then = clock.now() - DAY;
  keep(browser, { type: "edit", command_id: "K1", target: 2, text: "old" }, then);
  keep(browser, { type: "rename", command_id: "K2", title: "Old" }, then);
  keep(browser, { type: "redact", command_id: "K3", target: 2 }, then);
  const { store, transport } = await openLive(browser, { clock });
  assert.equal(onlyCommand(transport).type, "redact");
  assert.equal(store.title.value, "Team");
  assert.equal(store.keptEdits.of(2).get(), "old");
  assert.equal(store.trouble.value?.about, "rename");
});

test("[UI14] a message that nobody answers is not passed from page to page", async () => {
  const browser = new FakeBrowser();
  const clock = new FakeClock();
  const pages = [await openLive(browser, { clock }), await openLive(browser, { clock })];
  pages[0]?.store.post("anyone?");
  let sent = 0;
  for (let turn = 0; turn < 6; turn++) {
    await settle();
    for (const { transport } of pages) sent += commandsOf(transport.take()).length;
    clock.pass(15_000);
  }
  assert.equal(sent, 1);
  for (const { store } of pages) {
    assert.equal(store.messages.value.at(-1)?.delivery.state, "failed");
  }
});

test("[UI16] a page that lost its connection writes nothing over what another one saw", async () => {
  const browser = new FakeBrowser();
  const first = await openLive(browser);
  first.store.flush();
  first.transport.lose();
  browser.kept = null; // another page has learned that it may not be seen
  first.store.markRead(1);
  first.store.flush();
  await settle();
  assert.equal(browser.kept, null);
});

test("[UI16] what was written is not written again", async () => {
  const browser = new FakeBrowser();
  const { store } = await openLive(browser);
  store.flush();
  await settle();
  browser.kept = null;
  store.flush();
  await settle();
  assert.equal(browser.kept, null);
});

test("[UI16] refused before the browser was ready: what it has is dropped, and not shown", async () => {
  const browser = new FakeBrowser();
  const first = await openLive(browser);
  first.store.flush();
  assert.notEqual(browser.kept, null);
  let isReady = (): void => {};
  const ready = new Promise<void>((resolve) => {
    isReady = resolve;
  });
  const { store, transport, page } = openPage(browser, { shelf: () => ready.then(() => page) });
  transport.show({ state: "ended", code: 4004, message: "You may not." });
  isReady();
  await settle();
  assert.deepEqual(texts(store), []);
  assert.equal(browser.kept, null);
});

test("[UI14] a page that was closed while its browser opened listens to nothing", async () => {
  const browser = new FakeBrowser();
  let isReady = (): void => {};
  const ready = new Promise<void>((resolve) => {
    isReady = resolve;
  });
  const { store, page, clock } = await openLive(browser, { shelf: () => ready.then(() => page) });
  store.close();
  isReady();
  await settle();
  assert.equal(browser.heard.size, 0);
  assert.equal(clock.waiting, 0);
});
