// What outlives a page: the queue, what was seen, and whose it is.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Shelf } from "../src/store/kept.ts";
import { FakeBrowser, FakePage } from "./fake-shelf.ts";
import { ADA, BO, FakeClock, message, posted, welcome } from "./fakes.ts";
import { commandsOf, onlyCommand, texts } from "./harness.ts";
import { DAY, openLive, openPage, queued, settle } from "./pages.ts";

/** What comes when the test says so. */
function later() {
  let isReady = (_shelf: Shelf): void => {};
  const shelf = new Promise<Shelf>((resolve) => {
    isReady = resolve;
  });
  return { isReady, shelf };
}

test("[UI13] a command is kept until it is both acknowledged and shown", async () => {
  const browser = new FakeBrowser();
  const { store, transport } = await openLive(browser);
  store.post("new");
  await settle();
  const { command_id } = onlyCommand(transport);
  assert.deepEqual([...browser.items.keys()], [command_id]);
  transport.say({ type: "ack", command_id, seq: 3, duplicate: false });
  await settle();
  assert.equal(browser.items.size, 1);
  transport.say({ type: "entries", entries: [posted(3, "new", { author: ADA.id, command_id })] });
  await settle();
  assert.equal(browser.items.size, 0);
});

test("[UI13] a page that dies after the acknowledgement asks again, by the same id", async () => {
  const browser = new FakeBrowser();
  const first = await openLive(browser);
  first.store.post("new");
  await settle();
  const { command_id } = onlyCommand(first.transport);
  first.transport.say({ type: "ack", command_id, seq: 3, duplicate: false });
  first.page.die();
  const second = await openLive(browser);
  assert.equal(onlyCommand(second.transport).command_id, command_id);
  second.transport.say({ type: "ack", command_id, seq: 3, duplicate: true });
  second.transport.say({
    type: "entries",
    entries: [posted(3, "new", { author: ADA.id, command_id })],
  });
  await settle();
  assert.deepEqual(texts(second.store), ["hi", "hello", "new"]);
  assert.equal(browser.items.size, 0);
});

test("[UI13] a storage that refuses loses nothing of this page, and that is known", async () => {
  const browser = new FakeBrowser();
  const shelf = new FakePage(browser);
  const outbox = { ...shelf.outbox(ADA.id), put: () => Promise.reject(new Error("full")) };
  const { store, transport } = await openLive(browser, {
    shelf: async () => Object.assign(shelf, { outbox: () => outbox }),
  });
  transport.lose();
  store.post("new");
  await settle();
  assert.equal(store.isPageOnly.value, true);
  transport.open();
  transport.say(welcome(), { type: "live", head: 2 });
  await settle();
  const { command_id } = onlyCommand(transport);
  transport.say({ type: "entries", entries: [posted(3, "new", { author: ADA.id, command_id })] });
  assert.equal(store.isPageOnly.value, false);
});

test("[UI13] what can't be opened in 3 s has to wait no longer", async () => {
  const { store, transport, clock } = await openLive(new FakeBrowser(), {
    shelf: () => new Promise(() => {}),
  });
  store.post("new");
  assert.deepEqual(commandsOf(transport.take()), []);
  clock.pass(3_000);
  onlyCommand(transport);
  assert.equal(store.isPageOnly.value, true);
});

test("[UI13] a browser that keeps nothing says so at once", async () => {
  const { store, transport } = await openLive(new FakeBrowser(), {
    shelf: () => Promise.reject(new Error("forbidden")),
  });
  store.post("new");
  onlyCommand(transport);
  assert.equal(store.isPageOnly.value, true);
});

test("[UI13] what is written before the browser is ready is kept as soon as it is", async () => {
  for (const passed of [1_000, 4_000]) {
    const browser = new FakeBrowser();
    const { isReady, shelf } = later();
    const { store, transport, page, clock } = await openLive(browser, { shelf: () => shelf });
    store.post("quick");
    transport.lose();
    clock.pass(passed);
    assert.equal(store.isPageOnly.value, true);
    isReady(page);
    await settle();
    assert.equal(store.isPageOnly.value, false);
    page.die();
    const second = openPage(browser);
    await settle();
    second.transport.lose();
    await settle();
    assert.deepEqual(texts(second.store), ["hi", "hello", "quick"]);
  }
});

test("[UI13] what keeps things is asked for again once there is a connection", async () => {
  const browser = new FakeBrowser();
  let isThere = false;
  const page = new FakePage(browser);
  const { store, transport } = await openLive(browser, {
    shelf: async () => {
      if (!isThere) throw new Error("not loaded");
      return page;
    },
  });
  transport.lose();
  store.post("on a train");
  await settle();
  assert.equal(store.isPageOnly.value, true);
  isThere = true;
  transport.open();
  transport.say(welcome(), { type: "live", head: 2 });
  await settle();
  assert.equal(store.isPageOnly.value, false);
  assert.equal(browser.items.size, 1);
});

test("[UI14] a second page shows what waits, and sends when the first one is gone", async () => {
  const browser = new FakeBrowser();
  const first = await openLive(browser);
  const second = await openLive(browser);
  first.store.post("a");
  first.store.post("b");
  await settle();
  assert.deepEqual(texts(second.store), ["hi", "hello", "a", "b"]);
  assert.equal(commandsOf(first.transport.take()).length, 1);
  assert.deepEqual(commandsOf(second.transport.take()), []);
  first.page.die();
  await settle();
  const { command_id } = onlyCommand(second.transport);
  second.transport.say({ type: "ack", command_id, seq: 3, duplicate: false });
  assert.notEqual(onlyCommand(second.transport).command_id, command_id);
});

test("[UI14] acknowledged in one page, it stays shown in the other until it is there", async () => {
  const browser = new FakeBrowser();
  const first = await openLive(browser);
  const second = await openLive(browser);
  first.store.post("a");
  await settle();
  const { command_id } = onlyCommand(first.transport);
  const entry = posted(3, "a", { author: ADA.id, command_id });
  first.transport.say({ type: "ack", command_id, seq: 3, duplicate: false });
  first.transport.say({ type: "entries", entries: [entry] });
  await settle();
  assert.deepEqual(texts(second.store), ["hi", "hello", "a"]);
  assert.equal(second.store.messages.value.at(-1)?.delivery.state, "sent");
  second.transport.say({ type: "entries", entries: [entry] });
  assert.deepEqual(texts(second.store), ["hi", "hello", "a"]);
});

test("[UI14] what another page took back meanwhile is not sent, even if nobody said so", async () => {
  const browser = new FakeBrowser();
  const { store, transport } = await openLive(browser);
  transport.lose();
  store.post("no");
  store.post("yes");
  await settle();
  const [no] = browser.items.keys();
  browser.items.delete(no ?? "");
  transport.open();
  transport.say(welcome(), { type: "live", head: 2 });
  await settle();
  const command = onlyCommand(transport);
  assert.equal(command.type === "post" && command.text, "yes");
});

test("[UI14] the order is that of writing, whatever the clock does in between", async () => {
  const browser = new FakeBrowser();
  const clock = new FakeClock();
  const first = await openLive(browser, { clock });
  first.transport.lose();
  first.store.post("one");
  clock.sleep(-3_600_000);
  first.store.post("two");
  await settle();
  first.page.die();
  const second = await openLive(browser, { clock });
  second.store.post("three");
  await settle();
  assert.deepEqual(texts(second.store).slice(2), ["one", "two", "three"]);
  const command = onlyCommand(second.transport);
  assert.equal(command.type === "post" && command.text, "one");
});

test("[UI15] older than a day: asked about, with all that waited then, and not sent before", async () => {
  const clock = new FakeClock();
  const browser = queued(["old", clock.now() - DAY], ["later", clock.now() - 1_000]);
  const { store, transport } = await openLive(browser, { clock });
  assert.deepEqual(
    store.old.value.map(({ text }) => text),
    ["old", "later"],
  );
  store.post("new");
  await settle();
  const sent = onlyCommand(transport);
  assert.equal(sent.type === "post" && sent.text, "new");
  transport.say({ type: "ack", command_id: sent.command_id, seq: 3, duplicate: false });
  store.confirmOld();
  await settle();
  assert.equal(onlyCommand(transport).command_id, "Kold");
  assert.deepEqual(store.old.value, []);
});

test("[UI15] younger than a day: sent without a word; older than seven: not sent", async () => {
  const clock = new FakeClock();
  const young = await openLive(queued(["a", clock.now() - DAY + 1_000]), { clock });
  assert.equal(onlyCommand(young.transport).command_id, "Ka");
  const old = await openLive(queued(["a", clock.now() - 7 * DAY]), { clock });
  assert.deepEqual(commandsOf(old.transport.take()), []);
  assert.equal(old.store.messages.value.at(-1)?.delivery.state, "failed");
  old.store.retry("Ka");
  await settle();
  assert.equal(onlyCommand(old.transport).command_id, "Ka");
});

test("[UI15] at most 500 commands and 5 MiB wait; one more is refused", async () => {
  const { store, transport } = await openLive(new FakeBrowser());
  transport.lose();
  for (let n = 0; n < 500; n++) assert.ok(store.post(`${n}`));
  assert.equal(store.hasRoom("x"), false);
  assert.equal(store.post("one too many"), false);
  store.toggleReaction(1, "🎉");
  assert.match(store.trouble.value?.text ?? "", /waits to be sent/);
  const other = await openLive(new FakeBrowser());
  other.transport.lose();
  const text = "x".repeat(32_000);
  let taken = 0;
  while (other.store.post(text)) taken += 1;
  assert.equal(taken, Math.floor((5 * 1024 * 1024) / 32_070));
});

test("[UI16] what was kept is resumed from, and shown once the server has spoken", async () => {
  const browser = new FakeBrowser();
  const first = await openLive(browser);
  first.store.flush();
  const second = openPage(browser);
  await settle();
  assert.equal(second.store.loaded.value, false);
  const hello = second.transport.open();
  assert.deepEqual(hello.type === "hello" && [hello.after, hello.epoch], [2, "e1"]);
  second.transport.say(welcome({ head: 3 }));
  second.transport.say({ type: "entries", entries: [posted(3, "new")] });
  second.transport.say({ type: "live", head: 3 });
  assert.deepEqual(texts(second.store), ["hi", "hello", "new"]);
});

for (const { who, isShown, why } of [
  { who: null, isShown: true, why: "no server answers" },
  { who: ADA.id, isShown: true, why: "only the socket fails" },
  { who: BO.id, isShown: false, why: "another one is signed in" },
  { who: "", isShown: false, why: "nobody is signed in" },
]) {
  test(`[UI16] [ID1] ${isShown ? "shown" : "not shown"} where ${why}`, async () => {
    const browser = new FakeBrowser();
    const first = await openLive(browser);
    first.transport.lose();
    first.store.post("waits");
    await settle();
    const { store, transport } = openPage(browser, { who });
    await settle();
    transport.lose();
    await settle();
    assert.equal(store.loaded.value, isShown);
    assert.equal(store.me.value?.id, isShown ? ADA.id : undefined);
    assert.deepEqual(texts(store), ["hi", "hello", ...(isShown ? ["waits"] : [])]);
  });
}

for (const back of ["with", "without"]) {
  test(`[UI16] read without a connection, it is read after a reload ${back} one`, async () => {
    const browser = new FakeBrowser();
    const first = await openLive(browser);
    first.transport.say({ type: "entries", entries: [posted(3, "news")] });
    first.transport.lose();
    first.store.markRead(3);
    first.page.die();
    const { store, transport } = openPage(browser);
    await settle();
    if (back === "with") {
      transport.open();
      transport.say(welcome({ head: 3, read: 2 }), { type: "live", head: 3 });
      assert.ok(transport.take().some((frame) => frame.type === "mark_read" && frame.seq === 3));
    } else transport.lose();
    await settle();
    assert.equal(store.readMark.value, 3);
    assert.equal(store.unread.value, 0);
  });
}

test("[UI16] another log's read mark is not this one's", async () => {
  const browser = new FakeBrowser();
  const first = await openLive(browser);
  first.transport.say({ type: "entries", entries: [posted(3, "news")] });
  first.store.markRead(3);
  const { store, transport } = await openLive(browser);
  assert.equal(store.readMark.value, 3);
  transport.lose();
  transport.open();
  transport.say(welcome({ epoch: "e2", head: 1, read: 0 }), { type: "reset", epoch: "e2" });
  assert.equal(store.readMark.value, 0);
});

test("[UI16] a connection that neither opens nor fails is waited for no longer than 3 s", async () => {
  const browser = new FakeBrowser();
  const first = await openLive(browser);
  first.store.flush();
  const { store, clock } = openPage(browser);
  await settle();
  clock.pass(2_900);
  await settle();
  assert.equal(store.loaded.value, false);
  clock.pass(200);
  await settle();
  assert.equal(store.loaded.value, true);
});

test("[UI16] [ID1] another person sees none of it, and gets no queue", async () => {
  const browser = new FakeBrowser();
  const first = await openLive(browser);
  first.transport.lose();
  first.store.post("Ada's");
  first.store.flush();
  await settle();
  first.page.die();
  const { store, transport } = openPage(browser);
  await settle();
  transport.lose();
  await settle();
  assert.deepEqual(texts(store), ["hi", "hello", "Ada's"]);
  browser.items.clear(); // Bo's place is another one
  transport.open();
  transport.say(welcome({ you: BO, head: 2 }), { type: "live", head: 2 });
  await settle();
  assert.deepEqual(texts(store), ["hi", "hello"]);
  assert.deepEqual(commandsOf(transport.take()), []);
});

test("[UI16] a log that was replaced is not continued", async () => {
  const browser = new FakeBrowser();
  const first = await openLive(browser);
  first.store.flush();
  const { store, transport } = openPage(browser);
  await settle();
  transport.open();
  transport.say(welcome({ epoch: "e2", head: 1 }), { type: "reset", epoch: "e2" });
  assert.equal(store.loaded.value, false);
  const messages = [message(1, "anew")];
  transport.say({ type: "snapshot", head: 1, before: null, messages }, { type: "live", head: 1 });
  assert.deepEqual(texts(store), ["anew"]);
});

test("[UI16] who may not read it any more: what only the browser had is gone", async () => {
  const browser = new FakeBrowser();
  const first = await openLive(browser);
  first.store.flush();
  const { store, transport } = openPage(browser);
  await settle();
  transport.lose();
  await settle();
  transport.show({ state: "ended", code: 4004, message: "You may not." });
  await settle();
  assert.equal(store.loaded.value, false);
  assert.deepEqual(texts(store), []);
  assert.equal(browser.kept, null);
});
