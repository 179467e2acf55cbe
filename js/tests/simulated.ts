// A network that loses, delays and cuts, and a server with its part of the contract, for tests that
// play with both from a seed.

import type { Link, Transport, TransportListener } from "../src/protocol/transport.ts";
import type {
  ClientCommand,
  ClientFrame,
  Entry,
  Member,
  ServerFrame,
} from "../src/protocol/types.generated.ts";
import { fold } from "../src/store/fold.ts";
import { welcome } from "./fakes.ts";

export type Random = (below: number) => number;

export function seeded(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** One person's end: frames under way in both directions, lost together when it is cut. */
export class Wire implements Transport {
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
export class Log {
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
