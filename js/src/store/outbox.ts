// Commands on their way: kept in order, each until the server has answered for good. One lane for
// each rate window of the server, with one command under way in it, so that a command that is
// slowed down is never overtaken. The command's id makes trying again harmless.

import { type ReadonlySignal, type Signal, signal } from "@preact/signals-core";
import type { Clock } from "../clock.ts";
import type { ClientCommand, Refusal } from "../protocol/types.generated.ts";

const ANSWER_MS = 15_000;
const SLOW_MARGIN_MS = 20; // the server's clock and ours round differently

export const NO_ANSWER = "The server didn't answer.";
export const OTHER_PERSON = "You are signed in as someone else now.";
export const TOO_LONG = "The message is too long to send.";

export interface OutboxItem {
  readonly command: ClientCommand;
  /** Ms since the epoch. */
  readonly createdAt: number;
  /** The cursor when it was made: if it is stored already, its seq is above. */
  readonly after: number;
  /** An earlier try was never answered: it may be stored already. */
  readonly inDoubt: boolean;
  readonly state: ItemState;
}

export type ItemState =
  | { readonly at: "queued" }
  | { readonly at: "sent" }
  | { readonly at: "acked"; readonly seq: number }
  | { readonly at: "failed"; readonly reason: string };

/** Where commands outlive the page. */
export interface OutboxStorage {
  load(): Promise<readonly OutboxItem[]>;
  put(item: OutboxItem): Promise<void>;
  remove(commandId: string): Promise<void>;
}

export interface OutboxOptions {
  readonly clock: Clock;
  readonly storage: OutboxStorage;
  readonly frameBytes: () => number;
  /** False if there is no connection. */
  readonly send: (command: ClientCommand) => boolean;
  /** A command other than a post will not be done; it is gone from the outbox. */
  readonly gaveUp: (command: ClientCommand, reason: string) => void;
}

const QUEUED = { at: "queued" } as const satisfies ItemState;

type Lane = "post" | "edit" | "redact" | "react" | "rename";

export class Outbox {
  readonly #options: OutboxOptions;
  readonly #items: Signal<readonly OutboxItem[]> = signal([]);
  readonly #slowUntil = signal(0);
  readonly #heldUntil = new Map<Lane, number>();
  readonly #timers = new Map<Lane, () => void>();
  #isOpen = false;

  constructor(options: OutboxOptions) {
    this.#options = options;
    void this.#restore();
  }

  get items(): ReadonlySignal<readonly OutboxItem[]> {
    return this.#items;
  }

  /** Ms since the epoch until which the server holds my posts back. */
  get slowUntil(): ReadonlySignal<number> {
    return this.#slowUntil;
  }

  has(commandId: string): boolean {
    return this.#find(commandId) !== undefined;
  }

  /** The id of a reaction that waits to be sent for the first time. */
  queuedReaction(target: number, emoji: string): string | undefined {
    const waiting = this.#items.peek().find(({ command, state, inDoubt }) => {
      const isReaction = command.type === "react" || command.type === "unreact";
      const isSame = isReaction && command.target === target && command.emoji === emoji;
      return isSame && state.at === "queued" && !inDoubt;
    });
    return waiting?.command.command_id;
  }

  // What the person does

  add(command: ClientCommand, after: number): void {
    const createdAt = this.#options.clock.now();
    const item: OutboxItem = { command, createdAt, after, inDoubt: false, state: QUEUED };
    this.#items.value = [...this.#items.peek(), item];
    void this.#options.storage.put(item);
    this.#flush(laneOf(command));
  }

  retry(commandId: string): void {
    const item = this.#find(commandId);
    if (item?.state.at !== "failed") return;
    this.#set({ ...item, state: QUEUED });
    this.#flush(laneOf(item.command));
  }

  /** Forgets a command, or does nothing if it is not there. */
  remove(commandId: string): void {
    const item = this.#find(commandId);
    if (item === undefined) return;
    this.#items.value = this.#items.peek().filter((other) => other !== item);
    void this.#options.storage.remove(commandId);
    if (item.state.at === "sent") this.#cancelTimer(laneOf(item.command));
    this.#flush(laneOf(item.command));
  }

  // What the server says

  /** Stored as `seq`; kept for showing until that is folded. */
  acked(commandId: string, seq: number, head: number): void {
    const item = this.#find(commandId);
    if (item === undefined) return;
    if (seq <= head) return this.remove(commandId);
    const lane = laneOf(item.command);
    if (item.state.at === "sent") this.#cancelTimer(lane);
    this.#set({ ...item, state: { at: "acked", seq } });
    this.#flush(lane);
  }

  /** Everything up to `head` is shown. */
  folded(head: number): void {
    for (const item of this.#items.peek()) {
      if (item.state.at === "acked" && item.state.seq <= head) {
        this.remove(item.command.command_id);
      }
    }
  }

  refused(commandId: string, refusal: Refusal): void {
    const item = this.#find(commandId);
    if (item === undefined) return;
    const lane = laneOf(item.command);
    if (item.state.at === "sent") this.#cancelTimer(lane);
    switch (refusal.code) {
      case "rate_limited":
      case "going_away":
        return this.#hold(item, refusal.retry_after_s ?? 1);
      case "no_change":
        return this.remove(commandId);
      default:
        return this.#fail({ ...item, inDoubt: false }, refusal.message);
    }
  }

  // What the connection does

  /** Caught up: sends everything that is not answered, in order. */
  open(): void {
    this.#isOpen = true;
    for (const lane of lanesOf(this.#items.peek())) this.#flush(lane);
  }

  /** The connection is lost: what is unanswered waits for the next one. */
  close(): void {
    this.#isOpen = false;
    for (const lane of [...this.#timers.keys()]) this.#cancelTimer(lane);
    for (const item of this.#items.peek()) {
      if (isUnanswered(item)) this.#set({ ...item, inDoubt: true, state: QUEUED });
    }
  }

  /** The log was replaced: what it had acknowledged may not be in the new one. */
  unack(): void {
    for (const item of this.#items.peek()) {
      if (item.state.at === "acked") this.#set({ ...item, inDoubt: true, after: 0, state: QUEUED });
    }
  }

  /** Gives up what stands there: it is not sent again unless the person says so. */
  giveUp(at: "queued" | "sent", reason: string): void {
    for (const item of this.#items.peek()) {
      if (item.state.at === at) this.#fail({ ...item, inDoubt: false }, reason);
    }
  }

  // Parts

  async #restore(): Promise<void> {
    const known = await this.#options.storage.load();
    if (known.length === 0) return;
    const waiting = known.map((item) => ({ ...item, inDoubt: true, state: QUEUED }));
    this.#items.value = [...waiting, ...this.#items.peek()];
    if (this.#isOpen) this.open();
  }

  #flush(lane: Lane): void {
    const { clock } = this.#options;
    if (!this.#isOpen || (this.#heldUntil.get(lane) ?? 0) > clock.now()) return;
    const items = this.#items.peek().filter((item) => laneOf(item.command) === lane);
    if (items.some((item) => item.state.at === "sent")) return;
    const next = items.find((item) => item.state.at === "queued");
    if (next !== undefined) this.#transmit(next, lane);
  }

  #transmit(item: OutboxItem, lane: Lane): void {
    const { send, frameBytes } = this.#options;
    if (bytesOf(item.command) > frameBytes()) return this.#fail(item, TOO_LONG);
    if (!send(item.command)) return;
    this.#set({ ...item, state: { at: "sent" } });
    const id = item.command.command_id;
    this.#setTimer(lane, ANSWER_MS, () => {
      const late = this.#find(id);
      if (late?.state.at !== "sent") return;
      this.#failWaiting(lane);
      this.#fail({ ...late, inDoubt: true }, NO_ANSWER);
    });
  }

  /** Those that waited behind an unanswered one for as long. */
  #failWaiting(lane: Lane): void {
    const before = this.#options.clock.now() - ANSWER_MS;
    for (const item of this.#items.peek()) {
      const isWaiting = item.state.at === "queued" && laneOf(item.command) === lane;
      if (isWaiting && item.createdAt <= before) this.#fail(item, NO_ANSWER);
    }
  }

  #hold(item: OutboxItem, retryAfterS: number): void {
    const lane = laneOf(item.command);
    const ms = retryAfterS * 1000 + SLOW_MARGIN_MS;
    const until = this.#options.clock.now() + ms;
    this.#set({ ...item, inDoubt: false, state: QUEUED });
    this.#heldUntil.set(lane, until);
    if (lane === "post") this.#slowUntil.value = until;
    this.#options.clock.after(ms, () => this.#flush(lane));
  }

  #fail(item: OutboxItem, reason: string): void {
    if (item.command.type === "post") {
      this.#set({ ...item, state: { at: "failed", reason } });
      this.#flush(laneOf(item.command));
    } else {
      this.remove(item.command.command_id);
      this.#options.gaveUp(item.command, reason);
    }
  }

  #find(commandId: string): OutboxItem | undefined {
    return this.#items.peek().find((item) => item.command.command_id === commandId);
  }

  #set(next: OutboxItem): void {
    const id = next.command.command_id;
    this.#items.value = this.#items
      .peek()
      .map((item) => (item.command.command_id === id ? next : item));
    void this.#options.storage.put(next);
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

/** Commands of this page only. */
export function memoryStorage(): OutboxStorage {
  const items = new Map<string, OutboxItem>();
  return {
    load: async () => [...items.values()],
    put: async (item) => void items.set(item.command.command_id, item),
    remove: async (commandId) => void items.delete(commandId),
  };
}

function laneOf(command: ClientCommand): Lane {
  return command.type === "unreact" ? "react" : command.type;
}

function isUnanswered({ state, inDoubt }: OutboxItem): boolean {
  return state.at === "sent" || (state.at === "failed" && inDoubt);
}

function lanesOf(items: readonly OutboxItem[]): ReadonlySet<Lane> {
  return new Set(items.map((item) => laneOf(item.command)));
}

function bytesOf(command: ClientCommand): number {
  return new TextEncoder().encode(JSON.stringify(command)).length;
}
