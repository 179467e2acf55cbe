// How much waits at most: what is edited counts as it will be sent, and nothing goes above.

import assert from "node:assert/strict";
import { test } from "node:test";
import { DEFAULT_LIMITS } from "../src/protocol/types.generated.ts";
import { FakeBrowser } from "./fake-shelf.ts";
import { welcome } from "./fakes.ts";
import { onlyCommand, shown, texts } from "./harness.ts";
import { openLive, settle } from "./pages.ts";

/** Two wait, and no third one may. */
async function twoAtMost(offline_bytes: number) {
  const { store, transport } = await openLive(new FakeBrowser());
  const limits = { ...DEFAULT_LIMITS, offline_commands: 2, offline_bytes };
  const comeBack = (): void => {
    transport.open();
    transport.say(welcome({ limits }), { type: "live", head: 2 });
  };
  transport.lose();
  comeBack();
  transport.lose();
  for (const text of ["one", "two"]) assert.ok(store.post(text));
  return { store, transport, comeBack };
}

test("[UI13] [UI15] edited, what waits never takes more than there is room for", async () => {
  const { store } = await twoAtMost(300);
  let longest = 0;
  for (let length = 10; length < 300; length += 1) {
    const [before, text] = [shown(store, texts(store).at(-1) ?? ""), '"'.repeat(length)];
    const isTaken = store.revise(before, text);
    assert.equal(texts(store).at(-1), isTaken ? text : before.text);
    if (isTaken) longest = length;
  }
  const [one, two] = store.messages.value.slice(-2).map((message) => message.commandId ?? "");
  const post = (text: string, command_id = "") => ({
    type: "post",
    text,
    reply_to: null,
    command_id,
  });
  const bytesWith = (length: number) =>
    JSON.stringify([post("one", one), post('"'.repeat(length), two)]).length - "[,]".length;
  assert.ok(bytesWith(longest) <= 300 && bytesWith(longest + 1) > 300);
  assert.equal(store.hasRoom("short", two), true);
  assert.equal(store.hasRoom("short"), false);
});

test("[UI13] [UI15] edited while it may be stored, it needs room for both", async () => {
  const { store, transport, comeBack } = await twoAtMost(10_000);
  comeBack();
  await settle();
  onlyCommand(transport);
  transport.lose();
  const [one, two] = [shown(store, "one"), shown(store, "two")];
  assert.deepEqual([store.hasRoom("x", one.commandId), store.revise(one, "x")], [false, false]);
  assert.deepEqual([store.hasRoom("x", two.commandId), store.revise(two, "x")], [true, true]);
  assert.deepEqual(texts(store), ["hi", "hello", "one", "x"]);
});

test("[UI13] a text that is longer on its way than here is measured as it is sent", async () => {
  const { store } = await twoAtMost(300);
  store.deleteSoon(shown(store, "two").commandId ?? "");
  store.flush();
  assert.equal(store.hasRoom("x".repeat(80)), true);
  assert.equal(store.hasRoom('"'.repeat(80)), false);
});
