// Commands on their way: kept in order, each until the server has answered for good. One lane for
// each rate window of the server, with one command under way in it, so that a command that is
// slowed down is never overtaken. Its id makes trying again harmless. One page sends at a time.

import { batch, type ReadonlySignal, signal } from "@preact/signals-core";
import type { Clock } from "../clock.ts";
import type { ClientCommand, Limits, Refusal } from "../protocol/types.generated.ts";
import {
  bytesOf,
  isUnanswered,
  isUnderWay,
  isWaiting,
  LANES,
  type Lane,
  laneOf,
} from "./outbox-item.ts";
import {
  type ItemState,
  NOT_YET,
  type OutboxItem,
  type OutboxNews,
  type OutboxStorage,
} from "./outbox-storage.ts";
import { postBytes, revived, Waiting } from "./waiting.ts";

const ANSWER_MS = 15_000;
const AS_LONG_MS = 1_000; // what was written in one go counts as written at once
const SLOW_MARGIN_MS = 20; // the server's clock and ours round differently

export const NO_ANSWER = "The server didn't answer.";
export const OTHER_PERSON = "You are signed in as someone else now.";
export const TOO_LONG = "The message is too long to send.";
export const TOO_OLD = "It has waited too long.";
export const NO_ROOM = "Too much waits to be sent.";

export interface OutboxOptions {
  readonly clock: Clock;
  readonly limits: () => Limits;
  /** The seq up to which everything is shown. */
  readonly head: () => number;
  /** False if there is no connection. */
  readonly send: (command: ClientCommand) => boolean;
  /** A command other than a post will not be done; it is gone from the outbox. */
  readonly gaveUp: (command: ClientCommand, reason: string) => void;
}

const QUEUED = { at: "queued" } as const satisfies ItemState;

/** The right to send, asked for or held. */
interface Turn {
  isHeld: boolean;
  giveBack: () => void;
}

export class Outbox {
  readonly #options: OutboxOptions;
  readonly #waiting = new Waiting(NOT_YET);
  readonly #slowUntil = signal(0);
  readonly #heldUntil = new Map<Lane, number>();
  readonly #timers = new Map<Lane, () => void>();
  #person: string | null = null;
  #unwatch = () => {};
  #turn: Turn | null = null;
  #isOpen = false;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  get items(): ReadonlySignal<readonly OutboxItem[]> {
    return this.#waiting.items;
  }

  /** Ids of those that are gone with the page. */
  get unkept(): ReadonlySignal<ReadonlySet<string>> {
    return this.#waiting.unkept;
  }

  /** Ms since the epoch until which the server holds my posts back. */
  get slowUntil(): ReadonlySignal<number> {
    return this.#slowUntil;
  }

  has(commandId: string): boolean {
    return this.#waiting.find(commandId) !== undefined;
  }

  /** Whether one more post of this text can wait. Reads signals. */
  hasRoom(text: string): boolean {
    return this.#waiting.hasRoom(postBytes(text), this.#options.limits());
  }

  /** Ids of those that will not be sent unless the person says so. */
  failed(): readonly string[] {
    const failed = this.#all().filter(({ state }) => state.at === "failed");
    return failed.map(({ command }) => command.command_id);
  }

  /** The id of a reaction that waits to be sent for the first time. */
  queuedReaction(target: number, emoji: string): string | undefined {
    const waiting = this.#all().find(({ command, state, inDoubt }) => {
      const isReaction = command.type === "react" || command.type === "unreact";
      const isSame = isReaction && command.target === target && command.emoji === emoji;
      return isSame && state.at === "queued" && !inDoubt;
    });
    return waiting?.command.command_id;
  }

  // What the person does

  /** False if there is no room for it. */
  add(command: ClientCommand, after: number): boolean {
    const { clock, limits } = this.#options;
    if (!this.#waiting.hasRoom(bytesOf(command), limits())) {
      if (command.type !== "post") this.#options.gaveUp(command, NO_ROOM);
      return false;
    }
    this.#waiting.add(command, after, clock.now());
    this.#advance();
    return true;
  }

  retry(commandId: string): void {
    const item = this.#waiting.find(commandId);
    if (item?.state.at !== "failed") return;
    this.#waiting.settle({ ...item, isConfirmed: true, state: QUEUED });
    this.#advance();
  }

  /** Sends after all what waited so long that its author was asked. */
  confirm(): void {
    for (const item of this.#all()) {
      if (item.state.at !== "asked") continue;
      this.#waiting.settle({ ...item, isConfirmed: true, state: QUEUED });
    }
    this.#advance();
  }

  /** Forgets a command, or does nothing if it is not there. */
  remove(commandId: string): void {
    const item = this.#waiting.find(commandId);
    if (item === undefined) return;
    this.#stopWaitingFor(item);
    this.#waiting.forget(commandId);
    this.#advance();
  }

  // Whose it is, and what their other pages do

  /**
   * Says who writes, and where that is kept. What is kept for one person is not the next one's;
   * what could not be kept is not sent for the next one either.
   */
  bind(person: string, storage: OutboxStorage): void {
    const isSame = this.#person === null || this.#person === person;
    this.#person = person;
    if (isSame && storage === this.#waiting.storage) return;
    this.unbind();
    if (!isSame) this.#waiting.leave();
    if (!isSame) this.giveUp("queued", OTHER_PERSON);
    this.#waiting.move(storage, isSame);
    this.#unwatch = storage.watch((news) => batch(() => this.#heard(news)));
    this.#advance();
  }

  /** What is kept is left to other pages. */
  unbind(): void {
    this.#giveTurnBack();
    this.#unwatch();
  }

  #heard(news: OutboxNews): void {
    switch (news.kind) {
      case "all":
        return this.#merge(news.items, new Set());
      case "put":
        return this.#follow(news.item);
      case "removed": {
        const item = this.#waiting.find(news.commandId);
        if (item === undefined || item.state.at === "acked") return;
        this.#stopWaitingFor(item);
        this.#waiting.drop(news.commandId);
        return this.#advance();
      }
    }
  }

  /** Another page kept it, or tells how it stands. */
  #follow(item: OutboxItem): void {
    const known = this.#waiting.find(item.command.command_id);
    if (known === undefined) return this.#merge([item], new Set());
    if (item.state.at === "acked") this.#ack(known, item.state.seq);
    else if (known.state.at !== "sent") this.#waiting.set(revived(item));
    this.#advance();
  }

  #merge(kept: readonly OutboxItem[], known: ReadonlySet<string>): void {
    this.#waiting.merge(kept, known);
    this.#review();
    this.#advance();
  }

  /** What was written long ago is not sent without a word. */
  #review(): void {
    const { offline_s, offline_ask_s } = this.#options.limits();
    const now = this.#options.clock.now();
    const isOlder = (item: OutboxItem, s: number): boolean => now - item.createdAt >= s * 1000;
    const waiting = this.#all().filter((item) => isWaiting(item) && !item.isConfirmed);
    for (const item of waiting) if (isOlder(item, offline_s)) this.#fail(item, TOO_OLD);
    const posts = this.#all().filter(
      (item) =>
        item.state.at === "queued" && waiting.includes(item) && item.command.type === "post",
    );
    if (!this.#isOpen || !posts.some((item) => isOlder(item, offline_ask_s))) return;
    for (const item of posts) this.#waiting.set({ ...item, state: { at: "asked" } }); // the order is kept
  }

  // What the server says

  /** Stored as `seq`; kept for showing until that is folded. */
  acked(commandId: string, seq: number): void {
    const item = this.#waiting.find(commandId);
    if (item === undefined) return;
    this.#waiting.storage.tell({ ...item, state: { at: "acked", seq } });
    this.#ack(item, seq);
    this.#advance();
  }

  /** More is shown than before. */
  folded(): void {
    for (const { command, state } of this.#all()) {
      const isShown = state.at === "acked" && state.seq <= this.#options.head();
      if (isShown) this.remove(command.command_id);
    }
  }

  refused(commandId: string, refusal: Refusal): void {
    const item = this.#waiting.find(commandId);
    if (item === undefined) return;
    this.#stopWaitingFor(item);
    switch (refusal.code) {
      case "rate_limited":
      case "going_away":
        return this.#hold(item, refusal.retry_after_s ?? 1);
      case "no_change":
        return this.remove(commandId);
      default:
        this.#fail({ ...item, inDoubt: false }, refusal.message);
        return this.#advance();
    }
  }

  // What the connection does

  /** Caught up: sends everything that is not answered, in order. */
  open(): void {
    this.#isOpen = true;
    this.#review();
    this.#advance();
  }

  /** The connection is lost: what is unanswered waits for the next one. */
  close(): void {
    this.#isOpen = false;
    for (const lane of [...this.#timers.keys()]) this.#cancelTimer(lane);
    for (const item of this.#all()) {
      if (isUnanswered(item)) this.#waiting.set({ ...item, inDoubt: true, state: QUEUED });
    }
    this.#giveTurnBack();
  }

  /** The log was replaced: what it had acknowledged may not be in the new one. */
  unack(): void {
    for (const item of this.#all()) {
      if (item.state.at !== "acked") continue;
      this.#waiting.set({ ...item, inDoubt: true, after: 0, state: QUEUED });
    }
  }

  /** Gives up what stands there: it is not sent again unless the person says so. */
  giveUp(at: "queued" | "sent", reason: string): void {
    for (const item of this.#all()) {
      if (item.state.at === at) this.#fail({ ...item, inDoubt: false }, reason);
    }
    this.#advance();
  }

  // Parts

  /** Sends what can be sent, in this page's turn. */
  #advance(): void {
    if (!this.#isOpen || !this.#all().some(isUnderWay)) return this.#giveTurnBack();
    if (this.#turn === null) this.#askForTurn();
    else if (this.#turn.isHeld) for (const lane of LANES) this.#flush(lane);
  }

  #askForTurn(): void {
    const turn: Turn = { isHeld: false, giveBack: () => {} };
    const known = new Set(this.#waiting.kept);
    this.#turn = turn;
    turn.giveBack = this.#waiting.storage.turn(
      (kept) => {
        if (this.#turn !== turn) return;
        turn.isHeld = true;
        batch(() => (kept === null ? this.#advance() : this.#merge(kept, known)));
      },
      () => {
        if (this.#turn !== turn) return;
        this.#turn = null;
        this.#advance();
      },
    );
  }

  #giveTurnBack(): void {
    const turn = this.#turn;
    this.#turn = null;
    turn?.giveBack();
  }

  #flush(lane: Lane): void {
    const { clock } = this.#options;
    if ((this.#heldUntil.get(lane) ?? 0) > clock.now()) return;
    const items = this.#all().filter((item) => laneOf(item.command) === lane);
    if (items.some((item) => item.state.at === "sent")) return;
    const next = items.find((item) => item.state.at === "queued");
    if (next !== undefined) this.#transmit(next, lane);
  }

  #transmit(item: OutboxItem, lane: Lane): void {
    const { send, limits } = this.#options;
    if (bytesOf(item.command) > limits().frame_bytes) {
      this.#fail(item, TOO_LONG);
      return this.#advance();
    }
    if (!send(item.command)) return;
    this.#waiting.set({ ...item, state: { at: "sent" } });
    const id = item.command.command_id;
    this.#setTimer(lane, ANSWER_MS, () => {
      const late = this.#waiting.find(id);
      if (late?.state.at !== "sent") return;
      this.#failWaiting(lane);
      this.#fail({ ...late, inDoubt: true }, NO_ANSWER);
      this.#advance();
    });
  }

  /** Those that waited behind an unanswered one for as long. */
  #failWaiting(lane: Lane): void {
    const before = this.#options.clock.now() - ANSWER_MS + AS_LONG_MS;
    for (const item of this.#all()) {
      const isNext = item.state.at === "queued" && laneOf(item.command) === lane;
      if (isNext && item.createdAt <= before) this.#fail(item, NO_ANSWER);
    }
  }

  #hold(item: OutboxItem, retryAfterS: number): void {
    const lane = laneOf(item.command);
    const ms = retryAfterS * 1000 + SLOW_MARGIN_MS;
    const until = this.#options.clock.now() + ms;
    this.#waiting.set({ ...item, inDoubt: false, state: QUEUED });
    this.#heldUntil.set(lane, until);
    if (lane === "post") this.#slowUntil.value = until;
    this.#options.clock.after(ms, () => this.#advance());
  }

  #fail(item: OutboxItem, reason: string): void {
    if (item.command.type === "post") {
      this.#waiting.settle({ ...item, state: { at: "failed", reason } });
    } else {
      this.#waiting.forget(item.command.command_id);
      this.#options.gaveUp(item.command, reason);
    }
  }

  #ack(item: OutboxItem, seq: number): void {
    this.#stopWaitingFor(item);
    if (seq <= this.#options.head()) this.#waiting.forget(item.command.command_id);
    else this.#waiting.set({ ...item, state: { at: "acked", seq } });
  }

  #all(): readonly OutboxItem[] {
    return this.#waiting.items.peek();
  }

  #stopWaitingFor({ command, state }: OutboxItem): void {
    if (state.at === "sent") this.#cancelTimer(laneOf(command));
  }

  #setTimer(lane: Lane, ms: number, run: () => void): void {
    this.#cancelTimer(lane);
    this.#timers.set(lane, this.#options.clock.after(ms, run));
  }

  #cancelTimer(lane: Lane): void {
    this.#timers.get(lane)?.();
    this.#timers.delete(lane);
  }
}
