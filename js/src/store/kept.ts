// What outlives the page of a conversation: what was seen of it, and what was not sent. Owns when
// that is read, shown and written; must not know how a browser keeps it. Invariant: what one
// person saw is shown to them alone, or where no server can be asked who is there.

import { batch, effect } from "@preact/signals-core";
import type { Clock } from "../clock.ts";
import { NOT_ALLOWED, NOT_SIGNED_IN, REMOVED } from "../protocol/close.ts";
import type { ConversationInfo, Limits, Member, Message } from "../protocol/types.generated.ts";
import type { Draft } from "./drafts.ts";
import type { History } from "./history.ts";
import type { Notices } from "./notices.ts";
import type { Outbox } from "./outbox.ts";
import { type OutboxStorage, PAGE_ONLY } from "./outbox-storage.ts";
import type { ReadMark } from "./read-mark.ts";
import type { Replica } from "./replica.ts";

const WRITE_AFTER_MS = 1_000;
const MAY_NOT_SEE: ReadonlySet<number> = new Set([NOT_SIGNED_IN, NOT_ALLOWED, REMOVED]);
const PATIENCE_MS = 3_000; // to find what keeps things; then the page has to do, until it is there

/** A conversation as one person saw it last. */
export interface Kept {
  readonly you: Member;
  readonly info: ConversationInfo;
  readonly limits: Limits;
  readonly head: number;
  readonly title: string;
  readonly members: readonly Member[];
  /** Oldest first, none missing between the first and `head`. */
  readonly messages: readonly Message[];
  /** The cursor for what is older; null for nothing. */
  readonly before: number | null;
  readonly read: number;
}

/** What a browser keeps of one conversation of one server. */
export interface Shelf {
  /** As whoever was here last saw it. */
  last(): Promise<Kept | null>;
  put(kept: Kept): Promise<void>;
  /** May not be seen any more: this conversation, or anything of this server. */
  forget(what: "conversation" | "server"): Promise<void>;
  outbox(person: string): OutboxStorage;
}

export interface KeepingOptions {
  readonly id: string;
  readonly server: string;
  readonly clock: Clock;
  /** Rejects where the browser keeps nothing. */
  readonly shelf?: () => Promise<Shelf>;
  readonly isReachable?: () => Promise<boolean>;
  readonly replica: Replica;
  readonly history: History;
  readonly notices: Notices;
  readonly readMark: ReadMark;
  readonly draft: Draft;
  readonly outbox: Outbox;
}

export class Keeping {
  readonly #options: KeepingOptions;
  readonly #stop: () => void;
  #shelf: Shelf | null | "opening";
  #found: Kept | null = null;
  #person: string | null = null;
  #isLost = false;
  #isConfirmed = false; // the server has said that this is what I may see
  #cancelWriting: (() => void) | null = null;

  constructor(options: KeepingOptions) {
    const { clock, shelf, replica } = options;
    this.#options = options;
    this.#shelf = shelf === undefined ? null : "opening";
    this.#stop = effect(() => {
      void replica.state.value;
      this.#cancelWriting ??= clock.after(WRITE_AFTER_MS, () => this.flush());
    });
    if (shelf !== undefined) void this.#open(shelf);
  }

  /** The server says who I am. */
  greeted(person: string): void {
    this.#found = null;
    this.#belongsTo(person);
  }

  /** Everything that the server has is shown. */
  confirmed(): void {
    const isFirst = !this.#isConfirmed;
    this.#isConfirmed = true;
    if (isFirst) this.flush(); // so that the next page knows whose queue there is
  }

  /** There is no connection. */
  lost(): void {
    this.#isLost = true;
    void this.#showAlone();
  }

  /** It will not come back; if I may not see it any more, what the page was not shown goes. */
  ended(code: number): void {
    if (!MAY_NOT_SEE.has(code)) return;
    this.#found = null;
    this.#dropTimer();
    if (!this.#isConfirmed) this.#options.replica.forget();
    this.#isConfirmed = false;
    const what = code === NOT_SIGNED_IN ? "server" : "conversation";
    if (isShelf(this.#shelf)) this.#shelf.forget(what).catch(ignore);
  }

  /** Writes now what waits to be written. */
  flush(): void {
    this.#dropTimer();
    const kept = this.#isConfirmed ? this.#current() : null;
    if (kept !== null && isShelf(this.#shelf)) this.#shelf.put(kept).catch(ignore);
  }

  close(): void {
    this.#stop();
    this.#dropTimer();
    this.#options.outbox.unbind();
  }

  async #open(open: () => Promise<Shelf>): Promise<void> {
    const cancel = this.#options.clock.after(PATIENCE_MS, () => this.#use(null));
    const shelf = await open().catch(() => null);
    cancel();
    this.#use(shelf);
    const kept = (await shelf?.last().catch(() => null)) ?? null;
    if (kept === null || this.#person !== null) return;
    this.#found = kept;
    batch(() => this.#prime(kept));
    if (this.#isLost) await this.#showAlone();
  }

  #use(shelf: Shelf | null): void {
    this.#shelf = shelf;
    if (this.#person !== null) this.#belongsTo(this.#person);
    this.flush();
  }

  /** To go on from it, once the server has said who I am. */
  #prime(kept: Kept): void {
    const { replica, history, notices } = this.#options;
    if (!replica.prime(kept)) return;
    notices.begin(kept.members);
    history.begin(kept.before);
  }

  /** No server can be asked: what was kept is all there is. */
  async #showAlone(): Promise<void> {
    if (this.#found === null || (await this.#options.isReachable?.())) return;
    const kept = this.#found; // null if the server has answered meanwhile
    if (kept === null) return;
    this.#found = null;
    batch(() => {
      this.#options.replica.show(kept);
      this.#options.readMark.heard(kept.read);
      this.#belongsTo(kept.you.id);
    });
  }

  #belongsTo(person: string): void {
    const { id, server, draft, outbox } = this.#options;
    this.#person = person;
    draft.bind(`jupyter_collab:draft:${server}:${person}:${id}`);
    if (this.#shelf === "opening") return;
    outbox.bind(person, this.#shelf?.outbox(person) ?? PAGE_ONLY);
  }

  #current(): Kept | null {
    const { replica, history, readMark } = this.#options;
    const [you, info] = [replica.you.peek(), replica.info.peek()];
    if (you === null || info === null) return null;
    const { head, title, messages, members } = replica.state.peek();
    return {
      you,
      info,
      limits: replica.limits.peek(),
      head,
      title,
      members: [...members.values()],
      messages: [...messages.values()],
      before: history.before,
      read: readMark.seq.peek(),
    };
  }

  #dropTimer(): void {
    this.#cancelWriting?.();
    this.#cancelWriting = null;
  }
}

function isShelf(shelf: Shelf | null | "opening"): shelf is Shelf {
  return shelf !== null && shelf !== "opening";
}

/** The browser can't keep it: then it is fetched again. */
function ignore(): void {}
