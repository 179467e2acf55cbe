// The page's copy of what the server says. Owns the cursor, and asks for what is missing below the
// newest entry it has heard of, so that any pushed frame may be lost [UI3].

import { type Signal, signal } from "@preact/signals-core";
import type { Clock } from "../clock.ts";
import { PROTOCOL_VERSION, type UnknownEntry } from "../protocol/frames.ts";
import {
  type ConversationInfo,
  DEFAULT_LIMITS,
  type Entry,
  type Hello,
  type Limits,
  type Member,
  type Members,
  type Message,
  type Ping,
  type PresentMember,
  type Snapshot,
  type Welcome,
} from "../protocol/types.generated.ts";
import { type ConversationState, EMPTY, fold } from "./fold.ts";
import type { Kept } from "./kept.ts";

const DOUBT_AFTER_MS = 3_000; // breaks that are shorter are not shown
const ANSWER_MS = 10_000; // a `sync` without an answer for so long is asked again

export class Replica {
  readonly state: Signal<ConversationState> = signal(EMPTY);
  readonly loaded: Signal<boolean> = signal(false);
  readonly you: Signal<Member | null> = signal(null);
  readonly info: Signal<ConversationInfo | null> = signal(null);
  readonly presence: Signal<ReadonlyMap<string, PresentMember>> = signal(new Map());
  readonly membersInAll: Signal<number> = signal(0);
  readonly isPresenceKnown: Signal<boolean> = signal(false);
  readonly limits: Signal<Limits> = signal(DEFAULT_LIMITS);
  readonly canRenameSelf: Signal<boolean> = signal(false);
  readonly #clock: Clock;
  readonly #sync: (after: number) => boolean;
  #epoch: string | null = null; // of the state
  #newEpoch: string | null = null; // of what is to come
  #members: ReadonlyMap<string, Member> | null = null; // of the last welcome, until live
  #countedAt = 0; // the head that `membersInAll` was told for
  #isBased = false; // there is a state to fold on, shown or not
  #newest = 0;
  #askedAt: number | null = null;
  #cancelDoubt: (() => void) | null = null;

  constructor(clock: Clock, sync: (after: number) => boolean) {
    this.#clock = clock;
    this.#sync = sync;
  }

  get head(): number {
    return this.state.peek().head;
  }

  /** Of the log that the state is of. */
  get epoch(): string | null {
    return this.#epoch;
  }

  /** Where to resume; nowhere on a first visit. */
  hello(client: string): Hello {
    const greeting = { type: "hello", protocol: PROTOCOL_VERSION, client } as const;
    if (!this.#isBased || this.#epoch === null) return greeting;
    return { ...greeting, after: this.head, epoch: this.#epoch };
  }

  /** Goes on from what was kept, unless the server was quicker. */
  prime({ info, head, title, messages, members }: Kept): boolean {
    if (this.#isBased || this.you.peek() !== null) return false;
    this.#epoch = info.epoch;
    this.#isBased = true;
    this.state.value = { head, title, messages: bySeq(messages), members: byId(members) };
    return true;
  }

  /** Shows what was kept, as the person saw it. */
  show({ you, info, limits, membersInAll }: Kept): void {
    this.you.value = you;
    this.info.value = info;
    this.limits.value = limits;
    this.membersInAll.value = membersInAll;
    this.loaded.value = this.#isBased;
  }

  /** As if nothing was ever heard. */
  forget(): void {
    this.#isBased = false;
    this.loaded.value = false;
    this.you.value = null;
    this.state.value = EMPTY;
  }

  welcome(frame: Welcome): void {
    const { conversation } = frame;
    this.#newEpoch = conversation.epoch;
    this.you.value = frame.you;
    this.info.value = conversation;
    this.limits.value = frame.limits;
    this.canRenameSelf.value = frame.can_rename_self;
    this.presence.value = new Map([...this.#goneFrom(), ...byId(frame.presence)]);
    this.isPresenceKnown.value = true;
    this.trust();
    const state = this.state.peek();
    this.#members = byId(frame.members); // none if entries tell of them [RS13]
    this.membersInAll.value = frame.members_in_all;
    this.#countedAt = conversation.head;
    const members = new Map([...state.members, ...this.#members]);
    this.state.value = { ...state, title: conversation.title, members };
    this.#forgetBefore(conversation.floor);
  }

  /** The server's log goes up to `head`; messages before `floor` were removed for good [LC4]. */
  pinged({ head, floor }: Ping): void {
    const info = this.info.peek();
    if (info !== null && floor > info.floor) {
      this.info.value = { ...info, floor };
      this.#forgetBefore(floor);
    }
    this.#heardOf(head);
  }

  /** The log is another one: nothing that was heard of it counts. */
  reset(epoch: string): void {
    this.#newEpoch = epoch;
    this.#newest = 0;
    this.#isBased = false;
  }

  snapshot({ head, messages }: Snapshot): void {
    const state = this.state.peek();
    const members = this.#members ?? state.members; // others may be called differently now
    this.state.value = { ...state, head, messages: bySeq(messages), members };
    this.#isBased = true;
    this.#epoch = this.#newEpoch;
    this.#askedAt = null; // it may be the answer to a `sync` of what was removed
    this.#heardOf(head);
  }

  /** Folds a contiguous run, or asks for what is missing before it. */
  entries(entries: readonly (Entry | UnknownEntry)[]): void {
    const fresh = this.fresh(entries);
    if (fresh.length > 0) {
      this.state.value = fold(fresh, this.state.peek());
      const isNew = (entry: Entry | UnknownEntry) =>
        entry.kind === "joined" && entry.seq > this.#countedAt;
      this.membersInAll.value += fresh.filter(isNew).length;
      this.#askedAt = null;
    }
    this.#heardOf(entries.at(-1)?.seq ?? 0);
  }

  /** Those that can be folded now: the ones after the cursor, if none is missing before them. */
  fresh(entries: readonly (Entry | UnknownEntry)[]): readonly (Entry | UnknownEntry)[] {
    const later = entries.filter((entry) => entry.seq > this.head);
    return this.#isBased && later[0]?.seq === this.head + 1 ? later : [];
  }

  /** Caught up, the log going up to `head`. */
  wentLive(head: number): void {
    this.#members = null;
    this.loaded.value = this.#isBased;
    this.sawHead(head);
  }

  /** The server's log goes up to `head`. */
  sawHead(head: number): void {
    this.#heardOf(head);
  }

  older(messages: ReadonlyMap<number, Message>): void {
    const state = this.state.peek();
    this.state.value = { ...state, messages: new Map([...messages, ...state.messages]) };
  }

  present(members: readonly PresentMember[]): void {
    this.presence.value = new Map([...this.presence.peek(), ...byId(members)]);
  }

  /** Who some members are, and how they were last seen. */
  know({ members, presence }: Members): void {
    const state = this.state.peek();
    this.state.value = { ...state, members: new Map([...state.members, ...byId(members)]) };
    this.present(presence);
  }

  /** There is no connection: who comes and goes is not heard of any more. */
  lost(): void {
    this.syncFailed(null);
    this.#cancelDoubt ??= this.#clock.after(DOUBT_AFTER_MS, () => {
      this.isPresenceKnown.value = false;
    });
  }

  /** Nothing is to be doubted, or nobody is there to doubt it. */
  trust(): void {
    this.#cancelDoubt?.();
    this.#cancelDoubt = null;
  }

  /** A `sync` was refused, or the connection that carried it is gone. */
  syncFailed(retryAfterS: number | null): void {
    if (this.#askedAt === null) return;
    this.#askedAt = null;
    if (retryAfterS !== null) this.#clock.after(retryAfterS * 1000, () => this.#askIfBehind());
  }

  /** Everyone who was ever seen here: a greeting tells of all who are here now. */
  #goneFrom(): ReadonlyMap<string, PresentMember> {
    const seen = [...this.presence.peek().values()];
    return byId(seen.map((each) => ({ ...each, state: "offline", connections: 0 }) as const));
  }

  #forgetBefore(floor: number): void {
    const state = this.state.peek();
    const kept = [...state.messages].filter(([seq]) => seq >= floor);
    if (kept.length === state.messages.size) return;
    this.state.value = { ...state, messages: new Map(kept) };
  }

  #heardOf(seq: number): void {
    this.#newest = Math.max(this.#newest, seq);
    this.#askIfBehind();
  }

  #askIfBehind(): void {
    const now = this.#clock.now();
    const isAsked = this.#askedAt !== null && now - this.#askedAt < ANSWER_MS;
    if (!this.#isBased || this.#newest <= this.head || isAsked) return;
    if (this.#sync(this.head)) this.#askedAt = now;
  }
}

function byId<T extends { readonly id: string }>(items: readonly T[]): ReadonlyMap<string, T> {
  return new Map(items.map((item) => [item.id, item]));
}

function bySeq(messages: readonly Message[]): ReadonlyMap<number, Message> {
  return new Map(messages.map((message) => [message.seq, message]));
}
