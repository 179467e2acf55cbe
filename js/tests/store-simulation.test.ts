// Two people on a network that loses, delays and cuts, from a seed. Whatever happened, in the end
// both see what the log says, and every message is there once. A seed that fails is a bug: name it.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Link, Transport, TransportListener } from "../src/protocol/transport.ts";
import type {
  ClientCommand,
  ClientFrame,
  Entry,
  Member,
  ServerFrame,
} from "../src/protocol/types.generated.ts";
import { type OwnedStore, openConversation } from "../src/store/conversation.ts";
import { fold } from "../src/store/fold.ts";
import { ADA, BO, FakeClock, fakeStorage, welcome } from "./fakes.ts";

const SEEDS = 60;
const STEPS = 250;

type Random = (below: number) => number;

function seeded(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** One person's end: frames under way in both directions, lost together when it is cut. */
class Wire implements Transport {
  readonly member: Member;
  toServer: ClientFrame[] = [];
  toPage: ServerFrame[] = [];
  isOpen = false;
  isJoined = false;
  #listener: TransportListener | null = null;

  constructor(member: Member) {
    this.member = member;
  }
  start(listener: TransportListener): void {
    this.#listener = listener;
  }
  send(frame: ClientFrame): boolean {
    if (this.isOpen) this.toServer.push(frame);
    return this.isOpen;
  }
  reconnectNow(): void {}
  close(): void {}

  connect(): void {
    if (this.isOpen || this.#listener === null) return;
    this.isOpen = true;
    this.toServer.push(this.#listener.hello());
  }
  cut(): void {
    Object.assign(this, { isOpen: false, isJoined: false, toServer: [], toPage: [] });
    this.#show({ state: "waiting", since: 0, retryAt: 0 });
  }
  /** Brings the next frame to the page. */
  deliver(): void {
    const frame = this.toPage.shift();
    if (frame === undefined) return;
    this.#listener?.frame(frame);
    if (frame.type === "live") this.#show({ state: "live", since: 0, resumed: true });
  }
  #show(link: Link): void {
    this.#listener?.link(link);
  }
}

/** The server's part of the contract, in memory. */
class Log {
  readonly entries: Entry[] = [];
  readonly #seqOf = new Map<string, number>();
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  get head(): number {
    return this.entries.length;
  }

  take(frame: ClientFrame, from: Wire, wires: readonly Wire[]): void {
    if (frame.type === "hello") return this.#greet(frame.after ?? null, from);
    if (frame.type === "sync") {
      from.toPage.push({ type: "entries", entries: this.entries.slice(frame.after) });
    }
    if ("command_id" in frame) this.#execute(frame, from, wires);
  }

  #greet(after: number | null, wire: Wire): void {
    wire.isJoined = true;
    const isLong = after === null || this.#random(3) === 0;
    wire.toPage.push(welcome({ you: wire.member, head: this.head, read: 0 }));
    if (isLong) wire.toPage.push(this.#snapshot());
    else wire.toPage.push({ type: "entries", entries: this.entries.slice(after) });
    wire.toPage.push({ type: "live", head: this.head });
  }

  #snapshot(): ServerFrame {
    const messages = [...fold(this.entries).messages.values()];
    return { type: "snapshot", head: this.head, messages, before: null };
  }

  #execute(command: ClientCommand, from: Wire, wires: readonly Wire[]): void {
    const { command_id } = command;
    const known = this.#seqOf.get(command_id);
    if (known !== undefined) {
      return void from.toPage.push({ type: "ack", command_id, seq: known, duplicate: true });
    }
    if (this.#random(6) === 0) {
      const refusal = { type: "refused", command_id, message: "Slower." } as const;
      const [code, retry_after_s] = ["rate_limited", this.#random(40) / 10] as const;
      return void from.toPage.push({ ...refusal, code, retry_after_s });
    }
    const entry = entryOf(command, this.head + 1, from.member.id);
    this.entries.push(entry);
    this.#seqOf.set(command_id, entry.seq);
    from.toPage.push({ type: "ack", command_id, seq: entry.seq, duplicate: false });
    for (const wire of wires) {
      if (wire.isJoined && this.#random(8) > 0)
        wire.toPage.push({ type: "entries", entries: [entry] });
    }
  }
}

function entryOf(command: ClientCommand, seq: number, author: string): Entry {
  const stamp = { seq, author, at: seq, command_id: command.command_id };
  switch (command.type) {
    case "post":
      return { ...stamp, kind: "posted", body: { text: command.text, reply_to: null } };
    case "edit":
      return { ...stamp, kind: "edited", body: { target: command.target, text: command.text } };
    case "redact":
      return { ...stamp, kind: "redacted", body: { target: command.target } };
    case "react":
      return { ...stamp, kind: "reacted", body: { target: command.target, emoji: command.emoji } };
    case "unreact":
      return {
        ...stamp,
        kind: "unreacted",
        body: { target: command.target, emoji: command.emoji },
      };
    case "rename":
      return { ...stamp, kind: "renamed", body: { title: command.title } };
  }
}

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
      return store.post(text);
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
    for (const store of stores) store.retryAll();
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
