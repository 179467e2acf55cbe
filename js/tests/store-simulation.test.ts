// Two people on a network that loses, delays and cuts, from a seed. Whatever happened, in the end
// both see what the log says, and every message is there once. A seed that fails is a bug: name it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type OwnedStore, openConversation } from "../src/store/conversation.ts";
import { fold } from "../src/store/fold.ts";
import { ADA, BO, FakeClock, fakeStorage } from "./fakes.ts";
import { retryAll } from "./harness.ts";
import { Log, type Random, seeded, Wire } from "./simulated.ts";

const SEEDS = 60;
const STEPS = 250;

for (let seed = 1; seed <= SEEDS; seed++) {
  test(`[UI1] [UI2] [UI3] seed ${seed}: both see the log, every message once`, () => {
    const random = seeded(seed);
    const clock = new FakeClock();
    const log = new Log(random);
    const wires = [new Wire(ADA), new Wire(BO)];
    let made = 0;
    const stores = wires.map((transport) =>
      openConversation({
        id: "team",
        server: "http://here/",
        client: "web/test",
        transport,
        clock,
        drafts: fakeStorage(),
        newCommandId: () => `C${++made}`,
        renameMe: async () => {},
      }),
    );
    const posted: string[] = [];
    for (let step = 0; step < STEPS; step++) {
      const at = random(2);
      const [wire, store] = [wires[at], stores[at]];
      assert.ok(wire && store);
      act({ wire, store, wires, log, clock, posted }, random);
      for (const each of stores) assertOnce(each, posted);
    }
    settle({ wires, stores, log, clock });
    const wanted = [...fold(log.entries).messages.values()];
    for (const store of stores) {
      assert.deepEqual(
        store.messages.value.map(({ seq, text, redacted, reactions }) => ({
          seq,
          text,
          redacted,
          reactions,
        })),
        wanted.map(({ seq, text, redacted, reactions }) => ({ seq, text, redacted, reactions })),
      );
    }
    const texts = log.entries.flatMap((entry) =>
      entry.kind === "posted" ? [entry.body.text] : [],
    );
    assert.deepEqual([...texts].sort(), [...posted].sort());
  });
}

interface World {
  readonly wire: Wire;
  readonly store: OwnedStore;
  readonly wires: readonly Wire[];
  readonly log: Log;
  readonly clock: FakeClock;
  readonly posted: string[];
}

function act({ wire, store, wires, log, clock, posted }: World, random: Random): void {
  const shown = store.messages.value.filter(({ seq, redacted }) => seq !== null && !redacted);
  const target = shown[random(Math.max(1, shown.length))]?.seq ?? null;
  switch (random(12)) {
    case 0: {
      const text = `${wire.member.name} ${posted.length}`;
      posted.push(text);
      return void store.post(text);
    }
    case 1:
      return target === null ? undefined : store.toggleReaction(target, "🎉");
    case 2:
      if (target !== null && random(4) === 0) store.deleteSoon(target);
      return;
    case 3:
      return clock.pass(random(6_000));
    case 4:
      return random(4) === 0 ? wire.cut() : wire.connect();
    case 5:
      if (wire.isJoined) wire.toPage.push({ type: "ping", n: 0, head: log.head, floor: 1 });
      return;
    case 6:
    case 7:
    case 8: {
      const frame = wire.toServer.shift();
      return frame === undefined ? undefined : log.take(frame, wire, wires);
    }
    default:
      return wire.deliver();
  }
}

/** The network heals: everything arrives, and time passes until nobody waits for anything. */
function settle({
  wires,
  stores,
  log,
  clock,
}: Pick<World, "wires" | "log" | "clock"> & { stores: readonly OwnedStore[] }): void {
  for (let round = 0; round < 60; round++) {
    for (const wire of wires) {
      wire.connect();
      if (wire.isJoined) wire.toPage.push({ type: "ping", n: round, head: log.head, floor: 1 });
    }
    while (wires.some((wire) => wire.toServer.length + wire.toPage.length > 0)) {
      for (const wire of wires) {
        const frame = wire.toServer.shift();
        if (frame !== undefined) log.take(frame, wire, wires);
        wire.deliver();
      }
    }
    for (const store of stores) retryAll(store);
    clock.pass(5_000);
  }
}

/** Nothing that was posted is shown twice, at any moment. */
function assertOnce(store: OwnedStore, posted: readonly string[]): void {
  const texts = store.messages.value
    .map(({ text }) => text)
    .filter((text) => posted.includes(text));
  assert.equal(new Set(texts).size, texts.length, texts.join());
  const keys = store.messages.value.map(({ key }) => key);
  assert.equal(new Set(keys).size, keys.length, keys.join());
}
