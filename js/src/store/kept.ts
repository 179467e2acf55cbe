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
/** To find what keeps things, then the page has to do; to hear of the server, then of the past. */
const PATIENCE_MS = 3_000;

/** A conversation as one person saw it last. */
export interface Kept {
  readonly you: Member;
  readonly info: ConversationInfo;
  readonly limits: Limits;
  readonly head: number;
  readonly title: string;
  readonly members: readonly Member[];
  readonly membersInAll: number;
  /** Oldest first, none missing between the first and `head`. */
  readonly messages: readonly Message[];
  /** The cursor for what is older; null for nothing. */
  readonly before: number | null;
  /** When the server said last that this is the log: ms since the epoch. */
  readonly greetedAt: number;
}

/** What a browser keeps of one conversation of one server. */
export interface Shelf {
  /** As whoever was here last saw it. */
  last(): Promise<Kept | null>;
  put(kept: Kept): Promise<void>;
  /** May not be seen any more: this conversation, or anything of this server. */
  forget(what: "conversation" | "server"): Promise<void>;
  outbox(person: string): OutboxStorage;
  /** Asks the server, in another way than by the transport, who is here; null: no answer. */
  askWho(): Promise<string | null>;
}

export interface KeepingOptions {
  readonly id: string;
  readonly server: string;
  readonly clock: Clock;
  /** Rejects where the browser keeps nothing. */
  readonly shelf?: () => Promise<Shelf>;
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
  #isCurrent = false; // what is shown is what the server has, all of it of one log
  #isDirty = false;
  #greetedAt = 0;
  #toForget: "conversation" | "server" | null = null;
  #isOpening = false;
  #isClosed = false;
  #cancelPatience = () => {};
  readonly #cancelLosing: () => void;
  #cancelWriting: (() => void) | null = null;

  constructor(options: KeepingOptions) {
    const { clock, shelf, replica } = options;
    this.#options = options;
    this.#shelf = shelf === undefined ? null : "opening";
    this.#stop = effect(() => {
      void replica.state.value;
      this.#isDirty = true;
      this.#cancelWriting ??= clock.after(WRITE_AFTER_MS, () => this.flush());
    });
    this.#cancelLosing = clock.after(PATIENCE_MS, () => this.lost());
    void this.#open();
  }

  /** The server says who I am. */
  greeted(person: string): void {
    this.#cancelLosing();
    this.#found = null;
    this.#toForget = null;
    this.#isCurrent = false;
    this.#greetedAt = this.#options.clock.now();
    this.#belongsTo(person);
  }

  /** Everything that the server has is shown. */
  confirmed(): void {
    this.#isConfirmed = true;
    this.#isCurrent = true;
    this.#isLost = false;
    if (this.#isDirty) this.flush(); // so that the next page knows whose queue there is
    if (this.#shelf === null) void this.#open(); // what it needs may not have come through
  }

  /** There is no connection; what another page sees from now on is newer. */
  lost(): void {
    this.#isLost = true;
    this.#writeLast();
    void this.#showAlone();
  }

  /** It will not come back; if I may not see it any more, what the page was not shown goes. */
  ended(code: number): void {
    if (!MAY_NOT_SEE.has(code)) return;
    this.#found = null;
    this.#dropTimer();
    if (!this.#isConfirmed) this.#options.replica.forget();
    this.#isConfirmed = false;
    this.#isCurrent = false;
    this.#toForget = code === NOT_SIGNED_IN ? "server" : "conversation";
    this.#forget();
  }

  /** Writes now what waits to be written. */
  flush(): void {
    this.#dropTimer();
    const kept = this.#isDirty && this.#isCurrent ? this.#current() : null;
    if (kept === null || !isShelf(this.#shelf)) return;
    this.#isDirty = false;
    this.#shelf.put(kept).catch(ignore);
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelPatience();
    this.#cancelLosing();
    this.#stop();
    this.#dropTimer();
    this.#options.outbox.unbind();
  }

  async #open(): Promise<void> {
    const { shelf: open, clock } = this.#options;
    if (open === undefined || this.#isOpening) return;
    this.#isOpening = true;
    this.#cancelPatience = clock.after(PATIENCE_MS, () => this.#use(null));
    const shelf = await open().catch(() => null);
    this.#isOpening = false;
    this.#cancelPatience();
    this.#use(shelf);
    const kept = (await shelf?.last().catch(() => null)) ?? null;
    if (kept === null || this.#person !== null) return;
    if (this.#isClosed || this.#toForget !== null) return;
    this.#found = kept;
    batch(() => this.#prime(kept));
    if (this.#isLost) await this.#showAlone();
  }

  #use(shelf: Shelf | null): void {
    if (this.#isClosed) return;
    this.#shelf = shelf;
    this.#forget();
    if (this.#person !== null) this.#belongsTo(this.#person);
    if (this.#isLost) this.#writeLast();
    else this.flush();
  }

  /** Now, or as soon as it can be. */
  #writeLast(): void {
    this.flush();
    if (isShelf(this.#shelf)) this.#isCurrent = false;
  }

  /** Does it as soon as it is known where; nothing if there is nothing to forget. */
  #forget(): void {
    if (this.#toForget === null || !isShelf(this.#shelf)) return;
    this.#shelf.forget(this.#toForget).catch(ignore);
  }

  /** To go on from it, once the server has said who I am. */
  #prime(kept: Kept): void {
    const { replica, history, notices } = this.#options;
    if (!replica.prime(kept)) return;
    notices.begin();
    history.begin(kept.before);
  }

  /** What was kept is all there is, of whoever the server says is here, if it says so. */
  async #showAlone(): Promise<void> {
    if (this.#found === null || !isShelf(this.#shelf)) return;
    const who = await this.#shelf.askWho();
    const kept = this.#found; // null if the socket has come to life meanwhile
    if (kept === null || (who ?? kept.you.id) !== kept.you.id) return;
    this.#found = null;
    batch(() => {
      this.#options.replica.show(kept);
      this.#belongsTo(kept.you.id);
    });
  }

  #belongsTo(person: string): void {
    const { id, server, replica, draft, readMark, outbox } = this.#options;
    const place = `${server}:${person}:${id}`;
    this.#person = person;
    const epoch = replica.info.peek()?.epoch;
    // Gives up what is not this one's, before its text would be kept as theirs
    if (this.#shelf !== "opening") outbox.bind(person, this.#shelf?.outbox(person) ?? PAGE_ONLY);
    draft.bind(`jupyter_collab:draft:${place}`, epoch);
    readMark.bind(`jupyter_collab:read:${place}:${epoch}`);
  }

  #current(): Kept | null {
    const { replica, history } = this.#options;
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
      membersInAll: replica.membersInAll.peek(),
      messages: [...messages.values()],
      before: history.before,
      greetedAt: this.#greetedAt,
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
