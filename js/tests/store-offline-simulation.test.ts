// One person with two tabs that crash, reload, sleep and lose the network, from a seed. Whatever
// happened, in the end everything that they wrote is in the log once, in order. A seed that fails
// is a bug: name it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type OwnedStore, openConversation } from "../src/store/conversation.ts";
import { FakeBrowser, FakePage } from "./fake-shelf.ts";
import { ADA, FakeClock, fakeStorage } from "./fakes.ts";
import { Log, type Random, seeded, Wire } from "./simulated.ts";

const SEEDS = Number(process.env["SEEDS"] ?? 40);
const STEPS = 150;

interface Tab {
  readonly name: string;
  readonly wire: Wire;
  readonly store: OwnedStore;
  readonly page: FakePage;
}

class World {
  readonly clock = new FakeClock();
  readonly browser = new FakeBrowser();
  readonly log: Log;
  readonly posted: string[] = [];
  readonly random: Random;
  tabs: Tab[] = [];
  hasFailed = false;
  #made = 0;

  constructor(seed: number) {
    this.random = seeded(seed);
    this.log = new Log(this.random);
    this.open("a");
    this.open("b");
  }

  open(name: string): void {
    const wire = new Wire(ADA);
    const page = new FakePage(this.browser);
    const store = openConversation({
      id: "team",
      server: "http://here/",
      client: "web/test",
      transport: wire,
      clock: this.clock,
      drafts: fakeStorage(),
      newCommandId: () => `C${String(++this.#made).padStart(5, "0")}`,
      shelf: async () => page,
      renameMe: async () => {},
    });
    this.tabs.push({ name, wire, store, page });
  }

  /** Nothing of it says another word. */
  crash(tab: Tab): void {
    tab.page.die();
    tab.wire.cut();
    tab.wire.connect = () => {};
    this.tabs = this.tabs.filter((other) => other !== tab);
    this.open(tab.name);
  }

  post(tab: Tab): void {
    if (tab.store.me.value === null) return; // there is no field to write in yet
    const text = `${tab.name} ${String(this.posted.length).padStart(4, "0")}`;
    if (tab.store.post(text)) this.posted.push(text);
  }

  step(tab: Tab): void {
    const { wire } = tab;
    switch (this.random(12)) {
      case 0:
      case 1:
        return this.post(tab);
      case 2:
        return this.clock.pass(this.random(3_000));
      case 3:
        if (this.random(4) === 0) this.clock.sleep(this.random(4) * 3_600_000);
        return;
      case 4:
        return this.random(3) === 0 ? wire.cut() : wire.connect();
      case 5:
        return this.random(8) === 0 ? this.crash(tab) : wire.connect();
      case 6:
      case 7:
      case 8:
        return this.serve(tab);
      default:
        return wire.deliver();
    }
  }

  serve({ wire }: Tab): void {
    const frame = wire.toServer.shift();
    const wires = this.tabs.map((tab) => tab.wire);
    if (frame !== undefined) this.log.take(frame, wire, wires);
  }

  async heal(): Promise<void> {
    for (let round = 0; round < 80; round++) {
      for (const tab of this.tabs) {
        tab.wire.connect();
        if (tab.wire.isJoined) {
          tab.wire.toPage.push({ type: "ping", n: round, head: this.log.head, floor: 1 });
        }
      }
      for (let turn = 0; turn < 10; turn++) {
        for (const tab of this.tabs) {
          this.serve(tab);
          tab.wire.deliver();
          await soon();
        }
      }
      this.note();
      for (const { store } of this.tabs) {
        store.retryAll();
        store.confirmOld();
      }
      this.clock.pass(2_000);
    }
  }

  note(): void {
    const shown = this.tabs.flatMap(({ store }) => store.messages.value);
    this.hasFailed ||= shown.some(({ delivery }) => delivery.state === "failed");
  }
}

const soon = () => new Promise((resolve) => setImmediate(resolve));

for (let seed = 1; seed <= SEEDS; seed++) {
  test(`[UI13] [UI14] seed ${seed}: all that two tabs wrote is there once`, async () => {
    const world = new World(seed);
    for (let step = 0; step < STEPS; step++) {
      const tab = world.tabs[world.random(world.tabs.length)];
      assert.ok(tab);
      world.step(tab);
      await soon();
      world.note();
      for (const { store } of world.tabs) assertOnce(store);
    }
    await world.heal();
    const texts = world.log.entries.flatMap((entry) =>
      entry.kind === "posted" ? [entry.body.text] : [],
    );
    assert.deepEqual([...texts].sort(), [...world.posted].sort());
    for (const { store } of world.tabs) {
      assert.deepEqual(
        store.messages.value.map(({ text }) => text),
        texts,
      );
    }
    assert.equal(world.browser.items.size, 0);
    if (world.hasFailed) return; // what failed goes when it is tried again
    for (const name of ["a", "b"]) {
      const own = (text: string) => text.startsWith(name);
      assert.deepEqual(texts.filter(own), world.posted.filter(own));
    }
  });
}

function assertOnce(store: OwnedStore): void {
  const texts = store.messages.value.map(({ text }) => text);
  assert.equal(new Set(texts).size, texts.length, texts.join());
}
