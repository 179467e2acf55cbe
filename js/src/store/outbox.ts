// Commands on their way: kept in order, each until the server has answered for good. One lane for
// each rate window of the server, with one command under way in it, so that a command that is
// slowed down is never overtaken. Its id makes trying again harmless. One page sends at a time.

import { batch, type ReadonlySignal } from "@preact/signals-core";
import type { ClientCommand, Refusal } from "../protocol/types.generated.ts";
import { Holds } from "./holds.ts";
import { Lanes } from "./lanes.ts";
import {
  discarded,
  isUnanswered,
  isUnderWay,
  isUnsent,
  isWaiting,
  mayBeStored,
  replaced,
  revived,
  sampleOf,
} from "./outbox-item.ts";
import type { OutboxOptions } from "./outbox-options.ts";
import {
  type ItemState,
  NOT_YET,
  type OutboxItem,
  type OutboxNews,
  type OutboxStorage,
} from "./outbox-storage.ts";
import { review, type Verdict } from "./review.ts";
import { Turn } from "./turn.ts";
import { Waiting } from "./waiting.ts";

export const OTHER_PERSON = "You are signed in as someone else now.";
export const NO_ROOM = "Too much waits to be sent.";

const QUEUED = { at: "queued" } as const satisfies ItemState;

export class Outbox {
  readonly #options: OutboxOptions;
  readonly #waiting = new Waiting(NOT_YET);
  readonly #lanes: Lanes;
  readonly holds: Holds;
  readonly #turn = new Turn();
  readonly #lookedUp = new Set<string>(); // ids that were asked about on this connection
  readonly #done = new Map<string, number | null>(); // seqs of my entries, null once dealt with
  #person: string | null = null;
  #unwatch = () => {};
  #isOpen = false;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.holds = new Holds({
      clock: options.clock,
      tell: (commandId, isHeld) => this.#waiting.storage.tell({ kind: "held", commandId, isHeld }),
      advance: () => this.#advance(),
    });
    this.#lanes = new Lanes({
      ...options,
      waiting: this.#waiting,
      isHeld: (commandId) => this.holds.has(commandId),
      fail: (item, reason) => this.#fail(item, reason),
      advance: () => this.#advance(),
    });
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
    return this.#lanes.slowUntil;
  }

  has(commandId: string): boolean {
    return this.#waiting.find(commandId) !== undefined;
  }

  /** Whether a message of this text can wait, in place of that one. Reads signals. */
  hasRoom(text: string, insteadOf: string | null = null): boolean {
    const before = this.#waiting.find(insteadOf);
    return this.#waiting.hasRoom(sampleOf(text, before), this.#options.limits(), before);
  }

  // What the person does

  /** Instead of that one, if it can still be taken back. False if there is no room for it. */
  add(command: ClientCommand, insteadOf: string | null = null): boolean {
    const { clock, limits, head, epoch } = this.#options;
    const before = this.#waiting.find(insteadOf);
    if (!this.#waiting.hasRoom(command, limits(), before)) {
      if (command.type !== "post") this.#options.gaveUp(command, NO_ROOM);
      return false;
    }
    const isFree = before !== undefined && before.state.at !== "discarded";
    const made = { now: clock.now(), offlineS: limits().offline_s, after: head(), epoch: epoch() };
    if (isFree && command.type === "post") {
      this.#waiting.insert(replaced(before, command), before.command.command_id);
    } else this.#waiting.add(command, made);
    if (isFree) this.takeBack(before.command.command_id, command.command_id);
    else this.#advance();
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
    for (const item of this.#all().filter(({ state }) => state.at === "asked")) {
      this.#waiting.settle({ ...item, isConfirmed: true, state: QUEUED });
    }
    this.#advance();
  }

  /** Not to be sent; what may be stored already is remembered until that is known. */
  takeBack(commandId: string, by?: string): void {
    const item = this.#waiting.find(commandId);
    if (item === undefined) return;
    this.#lanes.stopWaitingFor(item);
    if (item.state.at === "acked") this.#options.correct(item.state.seq, null);
    if (mayBeStored(item) && item.state.at !== "acked") this.#waiting.settle(discarded(item, by));
    else this.#waiting.forget(commandId, true);
    this.#advance();
  }

  /** The page goes: sends without a turn what would not be sent, or not be kept. */
  hurry(): void {
    const isKept = this.#waiting.storage !== NOT_YET;
    for (const item of this.#isOpen ? this.#all() : []) {
      const isNext = item.state.at === "queued" && this.#lanes.fits(item);
      if (!isNext || (isKept && item.command.type !== "redact")) continue;
      if (this.#options.send(item.command)) this.#waiting.set({ ...item, inDoubt: true });
    }
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
    if (!isSame) {
      this.#waiting.leave();
      this.giveUp("waiting", OTHER_PERSON);
    }
    this.#waiting.move(storage, isSame);
    this.#unwatch = storage.watch((news) => batch(() => this.#heard(news)));
    this.#advance();
  }

  /** What is kept is left to other pages. */
  unbind(): void {
    this.#turn.giveBack();
    this.#unwatch();
  }

  #heard(news: OutboxNews): void {
    switch (news.kind) {
      case "all":
        return this.#merge(news.items.map(revived), new Set());
      case "put":
        return this.#follow(news.item);
      case "held":
        return this.holds.heard(news.commandId, news.isHeld);
      case "removed": {
        const item = this.#waiting.find(news.commandId);
        if (item === undefined || item.state.at === "acked") return;
        if (news.isTakenBack && mayBeStored(item)) return this.takeBack(news.commandId);
        this.#lanes.stopWaitingFor(item);
        this.#waiting.drop(news.commandId);
        return this.#advance();
      }
    }
  }

  /** Another page kept it, or tells how it stands. */
  #follow(item: OutboxItem): void {
    const known = this.#waiting.find(item.command.command_id);
    const told = item.state.at === "failed" ? item : revived(item); // to try it is that page's part
    if (known === undefined) return this.#merge([told], new Set());
    if (item.state.at === "acked") this.#ack(known, item.state.seq);
    else if (item.state.at === "discarded") this.#followBack(known, item.state.by);
    else if (isWaiting(known) || known.state.at === "failed") this.#waiting.set(told);
    this.#advance();
  }

  #followBack(known: OutboxItem, by?: string): void {
    this.#lanes.stopWaitingFor(known);
    if (known.state.at === "acked") this.takeBack(known.command.command_id);
    else this.#waiting.set(discarded(known, by));
  }

  #merge(kept: readonly OutboxItem[], known: ReadonlySet<string>): void {
    const isDone = ({ command }: OutboxItem): boolean => this.#done.has(command.command_id);
    this.#waiting.merge(
      kept.filter((item) => !isDone(item)),
      known,
    );
    for (const item of kept) if (isDone(item)) this.#settle(item);
    this.#review();
    this.#advance();
  }

  /** Its entry is here. */
  #settle({ command: { command_id: id }, state }: OutboxItem): void {
    const seq = this.#done.get(id) ?? null;
    this.#done.set(id, null); // what is read from the browser meanwhile may still have it
    if (seq !== null && state.at === "discarded") this.#correct(seq, state.by ?? "");
    this.#waiting.forget(id);
  }

  /** What was written instead becomes its text, if that was not sent yet. */
  #correct(seq: number, by: string): void {
    const next = this.#waiting.find(by);
    const isFree = next !== undefined && isUnsent(next) && !this.holds.has(by);
    if (!isFree || next.command.type !== "post") return this.#options.correct(seq, null);
    this.#waiting.forget(by, true);
    this.#options.correct(seq, next.command.text);
  }

  #review(): void {
    const { clock, limits, epoch, stored } = this.#options;
    const seemStored = stored(this.#all());
    const verdicts = review(this.#all(), {
      now: clock.now(),
      limits: limits(),
      isOpen: this.#isOpen,
      epoch: epoch(),
      stored: seemStored,
    });
    for (const verdict of verdicts) this.#carryOut(verdict);
    if (this.#isOpen) this.#lookUp(seemStored);
  }

  /** What was taken back and seems to be stored: the answer tells its number. */
  #lookUp(stored: ReadonlySet<string>): void {
    for (const { command, state, after } of this.#all()) {
      const id = command.command_id;
      if (state.at !== "discarded" || this.#lookedUp.has(id)) continue;
      if (!stored.has(id)) this.#options.lookBack(after);
      else if (this.#options.send(command)) this.#lookedUp.add(id);
    }
  }

  #carryOut(verdict: Verdict): void {
    const { item } = verdict;
    switch (verdict.as) {
      case "failed":
        return this.#fail(item, verdict.reason);
      case "forgotten":
        return this.#waiting.forget(item.command.command_id);
      case "changed":
        return this.#waiting.settle(item);
      case "changed here":
        return this.#waiting.set(item);
    }
  }

  // What the server says

  /** Stored as `seq`; kept for showing until that is folded. */
  acked(commandId: string, seq: number): void {
    const item = this.#waiting.find(commandId);
    if (item === undefined) return;
    if (item.state.at === "discarded") return this.stored(commandId, seq);
    this.#waiting.storage.tell({ kind: "put", item: { ...item, state: { at: "acked", seq } } });
    this.#ack(item, seq);
    this.#advance();
  }

  /** My command came back as entry `seq`, whether its answer did or not. */
  stored(commandId: string, seq: number): void {
    this.#done.set(commandId, seq);
    const item = this.#waiting.find(commandId);
    if (item === undefined) return;
    this.#lanes.stopWaitingFor(item);
    this.#settle(item);
    this.#advance();
  }

  /** More is shown than before. */
  folded(): void {
    for (const { command, state } of this.#all()) {
      const isShown = state.at === "acked" && state.seq <= this.#options.head();
      if (isShown) this.#waiting.forget(command.command_id);
    }
    if (this.#isOpen) this.#lookUp(this.#options.stored(this.#all()));
  }

  refused(commandId: string, refusal: Refusal): void {
    const item = this.#waiting.find(commandId);
    if (item === undefined) return;
    this.#lanes.stopWaitingFor(item);
    switch (refusal.code) {
      case "rate_limited":
      case "going_away":
        this.#lookedUp.delete(commandId);
        this.#options.clock.after((refusal.retry_after_s ?? 1) * 1000, () => this.#review());
        return this.#lanes.hold(item, refusal.retry_after_s ?? 1);
      case "no_change":
        this.#waiting.forget(commandId);
        return this.#advance();
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
    this.#lanes.stop();
    this.#lookedUp.clear();
    for (const item of this.#all().filter(isUnanswered)) this.#waiting.set(revived(item));
    this.#turn.giveBack();
  }

  /** The log was replaced: what it had acknowledged may not be in the new one. */
  unack(): void {
    this.#done.clear();
    for (const item of this.#all().filter(({ state }) => state.at === "acked")) {
      this.#waiting.set({ ...item, inDoubt: true, after: 0, state: QUEUED });
    }
  }

  /** Gives up what stands there: it is not sent again unless the person says so. */
  giveUp(what: "waiting" | "sent", reason: string): void {
    for (const item of this.#all()) {
      const isMeant = what === "sent" ? item.state.at === "sent" : isWaiting(item);
      if (isMeant) this.#fail({ ...item, inDoubt: false }, reason);
    }
    this.#advance();
  }

  // Parts

  /** Sends what can be sent, in this page's turn. */
  #advance(): void {
    if (!this.#isOpen || !this.#all().some(isUnderWay)) return this.#turn.giveBack();
    if (this.#turn.isHeld) this.#lanes.flush();
    else this.#askForTurn();
  }

  #askForTurn(): void {
    const known = new Set(this.#waiting.kept);
    this.#turn.ask(this.#waiting.storage, {
      granted: (kept) =>
        batch(() => {
          if (kept !== null) return this.#merge(kept.map(revived), known);
          this.#waiting.keepAnew();
          this.#advance();
        }),
      lost: () => this.#advance(),
    });
  }

  #fail(item: OutboxItem, reason: string): void {
    if (item.command.type === "post" && item.state.at !== "discarded") {
      this.#waiting.settle({ ...item, state: { at: "failed", reason } });
    } else {
      this.#waiting.forget(item.command.command_id);
      if (item.state.at !== "discarded") this.#options.gaveUp(item.command, reason);
    }
  }

  #ack(item: OutboxItem, seq: number): void {
    this.#lanes.stopWaitingFor(item);
    if (seq <= this.#options.head()) this.#waiting.forget(item.command.command_id);
    else this.#waiting.set({ ...item, state: { at: "acked", seq } });
  }

  #all(): readonly OutboxItem[] {
    return this.#waiting.items.peek();
  }
}
