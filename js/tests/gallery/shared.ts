// A server for several pages of one browser: its log is in their localStorage, so it is there
// after a reload and a crash. Answers like the real one: each command once, acks, entries, a rate.

import type { Transport, TransportListener } from "../../src/protocol/transport.ts";
import type {
  ClientCommand,
  ClientFrame,
  Entry,
  Member,
  ServerFrame,
} from "../../src/protocol/types.generated.ts";
import { fold } from "../../src/store/fold.ts";
import { member, welcome } from "../fakes.ts";
import { entryOf } from "./server.ts";

const LOG = "gallery:log";
const EPOCH = "gallery:epoch";
const SENT = "gallery:sent";
const ANSWER_MS = 30;

/** What a page sent, in the order in which all pages did. */
export interface Sent {
  readonly page: string;
  readonly text: string;
  readonly at: number;
}

export class SharedServer implements Transport {
  readonly #you: Member;
  readonly #page: string;
  readonly #perSecond: number;
  #listener: TransportListener | null = null;
  #seen = 0;
  /** The connection neither opens nor fails. */
  readonly #isMute: boolean;
  isReachable = true;
  isOpen = false;
  answers = true;
  /** Half-open: the page hears nothing more, and does not know it. */
  isDeaf = false;

  constructor(options: {
    you: string;
    page: string;
    perSecond: number;
    isUp: boolean;
    isMute: boolean;
  }) {
    this.#you = member(`user:${options.you}`, options.you === "ada" ? "Ada Lovelace" : options.you);
    this.#page = options.page;
    this.#perSecond = options.perSecond;
    this.isReachable = options.isUp;
    this.#isMute = options.isMute;
    addEventListener("storage", ({ key }) => key === LOG && this.#push());
  }

  /** What it answers to whoever asks in another way than this one. */
  get who(): string {
    return this.#you.id;
  }

  start(listener: TransportListener): void {
    this.#listener = listener;
    if (this.#isMute) return;
    setTimeout(() => (this.isReachable ? this.reconnectNow() : this.lose("offline")), 50);
  }

  send(frame: ClientFrame): boolean {
    if (!this.isOpen) return false;
    if ("command_id" in frame) {
      const text = "text" in frame ? frame.text : frame.type;
      write(SENT, [...read<Sent>(SENT), { page: this.#page, text, at: Date.now() }]);
      if (this.answers) setTimeout(() => this.#execute(frame), ANSWER_MS);
    }
    return true;
  }

  reconnectNow(): void {
    const listener = this.#listener;
    if (listener === null || this.isOpen) return;
    this.isReachable = true;
    this.isOpen = true;
    const { after, epoch: resumed } = listener.hello();
    const epoch = localStorage.getItem(EPOCH) ?? "e1";
    const log = read<Entry>(LOG);
    const room = { members: [this.#you], head: log.length, epoch };
    this.#seen = log.length;
    this.#say(welcome({ you: this.#you, ...room, read: 0 }));
    const isOther = typeof resumed === "string" && resumed !== epoch;
    if (isOther) this.#say({ type: "reset", epoch });
    if (typeof after === "number" && !isOther)
      this.#say({ type: "entries", entries: log.slice(after) });
    else {
      const messages = [...fold(log).messages.values()];
      this.#say({ type: "snapshot", head: log.length, messages, before: null });
    }
    this.#say({ type: "live", head: log.length });
    listener.link({ state: "live", since: Date.now(), resumed: typeof after === "number" });
    Object.assign(globalThis, { resumedAfter: after ?? null });
  }

  lose(state: "waiting" | "offline"): void {
    this.isOpen = false;
    this.isReachable = false;
    const since = Date.now();
    if (state === "offline") this.#listener?.link({ state, since });
    else this.#listener?.link({ state, since, retryAt: since + 12_000 });
  }

  end(code: number, message: string): void {
    this.isOpen = false;
    this.#listener?.link({ state: "ended", code, message });
  }

  refuse(commandId: string, code: string, message: string): void {
    this.#say({ type: "refused", command_id: commandId, code, message, retry_after_s: null });
  }

  close(): void {
    this.isOpen = false;
  }

  /** Late, or of a log that is no longer there. */
  hear(entry: Entry): void {
    this.#say({ type: "entries", entries: [entry] });
  }

  #say(frame: ServerFrame): void {
    this.#listener?.frame(frame);
  }

  #execute(command: ClientCommand): void {
    if (!this.isOpen) return;
    const { command_id } = command;
    const log = read<Entry>(LOG);
    const known = log.find((entry) => entry.command_id === command_id);
    const recent = log.filter(({ at }) => at > Date.now() / 1000 - 1).length;
    if (known === undefined && recent >= this.#perSecond) {
      const refusal = { type: "refused", code: "rate_limited", message: "Slower." } as const;
      return this.#say({ ...refusal, command_id, retry_after_s: 1 });
    }
    const seq = known?.seq ?? log.length + 1;
    const stamp = { seq, author: this.#you.id, at: Date.now() / 1000, command_id };
    if (known === undefined) write(LOG, [...log, { ...stamp, ...entryOf(command) } as Entry]);
    this.#say({ type: "ack", command_id, seq, duplicate: known !== undefined });
    this.#push();
  }

  /** To this page, what any page has added. */
  #push(): void {
    const entries = read<Entry>(LOG).slice(this.#seen);
    if (!this.isOpen || this.isDeaf || entries.length === 0) return;
    this.#seen += entries.length;
    this.#say({ type: "entries", entries });
  }
}

function read<T>(key: string): readonly T[] {
  return JSON.parse(localStorage.getItem(key) ?? "[]");
}

function write(key: string, value: readonly unknown[]): void {
  localStorage.setItem(key, JSON.stringify(value));
}
