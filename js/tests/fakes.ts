// A clock that is turned by hand, a transport that is a script, and frames of a server.

import type { Clock } from "../src/clock.ts";
import type { Link, Transport, TransportListener } from "../src/protocol/transport.ts";
import {
  type ClientFrame,
  DEFAULT_LIMITS,
  type Entry,
  type Member,
  type Message,
  type ServerFrame,
  type Welcome,
} from "../src/protocol/types.generated.ts";
import type { TextStorage } from "../src/storage.ts";

export class FakeClock implements Clock {
  #now = 1_700_000_000_000;
  #timers: { at: number; run: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  /** How many timers are still to run. */
  get waiting(): number {
    return this.#timers.length;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.#now + ms, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** The computer sleeps: time passes, and whatever was due runs only with the next `pass`. */
  sleep(ms: number): void {
    this.#now += ms;
  }

  /** Somebody sets the clock; timers don't go by it. */
  step(ms: number): void {
    this.#now += ms;
    for (const timer of this.#timers) timer.at += ms;
  }

  /** Lets time pass, and runs what falls due, in its order. */
  pass(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const due = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== due);
      this.#now = Math.max(this.#now, due.at);
      due.run();
    }
    this.#now = end;
  }
}

export class FakeTransport implements Transport {
  sent: ClientFrame[] = [];
  isOpen = false;
  reconnects = 0;
  isClosed = false;
  #listener: TransportListener | null = null;

  start(listener: TransportListener): void {
    this.#listener = listener;
  }

  send(frame: ClientFrame): boolean {
    if (this.isOpen) this.sent.push(frame);
    return this.isOpen;
  }

  reconnectNow(): void {
    this.reconnects += 1;
  }

  close(): void {
    this.isClosed = true;
    this.isOpen = false;
  }

  /** Opens the connection and returns the hello. */
  open(): ClientFrame {
    if (this.#listener === null) throw new Error("not started");
    this.isOpen = true;
    return this.#listener.hello();
  }

  say(...frames: ServerFrame[]): void {
    for (const frame of frames) {
      this.#listener?.frame(frame);
      if (frame.type === "live") this.show({ state: "live", since: 0, resumed: false });
    }
  }

  show(link: Link): void {
    this.#listener?.link(link);
  }

  /** Loses the connection. */
  lose(): void {
    this.isOpen = false;
    this.show({ state: "waiting", since: 0, retryAt: 0 });
  }

  /** What was sent since the last call. */
  take(): ClientFrame[] {
    const { sent } = this;
    this.sent = [];
    return sent;
  }
}

/** `texts` are the drafts in it. */
export function fakeStorage(): TextStorage & { readonly texts: ReadonlyMap<string, string> } {
  const all = new Map<string, string>();
  return {
    get texts() {
      return new Map([...all].filter(([key]) => key.startsWith("jupyter_collab:draft:")));
    },
    getItem: (key) => all.get(key) ?? null,
    setItem: (key, value) => void all.set(key, value),
    removeItem: (key) => void all.delete(key),
  };
}

export const ADA = member("user:ada", "Ada");
export const BO = member("user:bo", "Bo");

export function member(id: string, name: string, role: Member["role"] = "member"): Member {
  return { id, name, kind: "person", role, color: null, avatar_url: null, self_chosen: false };
}

export function welcome(
  changes: Partial<Welcome> & { head?: number; epoch?: string } = {},
): Welcome {
  const { head = 2, epoch = "e1", ...fields } = changes;
  return {
    type: "welcome",
    protocol: 1,
    connection: "s1",
    you: ADA,
    conversation: {
      id: "team",
      title: "Team",
      epoch,
      head,
      created_at: 1,
      created_by: ADA.id,
      floor: 1,
    },
    limits: DEFAULT_LIMITS,
    members: [ADA, BO],
    members_in_all: (fields.members ?? [ADA, BO]).length,
    presence: [],
    read: head,
    drafts: [],
    heartbeat_s: 20,
    can_rename_self: false,
    ...fields,
  };
}

export function message(seq: number, text: string, author = BO.id): Message {
  return {
    seq,
    author,
    at: seq,
    text,
    edited_at: null,
    redacted: false,
    reply_to: null,
    status: "done",
    reactions: [],
    attachments: [],
  };
}

type Told = { readonly author?: string; readonly command_id?: string | null };

export function posted(seq: number, text: string, told: Told = {}): Entry {
  return {
    kind: "posted",
    seq,
    at: seq,
    author: told.author ?? BO.id,
    command_id: told.command_id ?? null,
    body: { text, reply_to: null },
  };
}

export function reacted(seq: number, target: number, emoji: string, told: Told = {}): Entry {
  return {
    kind: "reacted",
    seq,
    at: seq,
    author: told.author ?? BO.id,
    command_id: told.command_id ?? null,
    body: { target, emoji },
  };
}
