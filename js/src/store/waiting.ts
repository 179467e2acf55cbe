// The commands that wait for an answer, in order, here and where they outlive the page. Owns that
// both are the same, and that nothing leaves the page's own list because it could not be kept.
// Must not know when or how a command is sent.

import { type ReadonlySignal, type Signal, signal } from "@preact/signals-core";
import type { ClientCommand, Limits } from "../protocol/types.generated.ts";
import { bytesOf, mayBeStored } from "./outbox-item.ts";
import type { OutboxItem, OutboxStorage } from "./outbox-storage.ts";

/** When a command was made, and what was shown then. */
export interface Made {
  readonly now: number;
  readonly offlineS: number;
  readonly after: number;
  readonly epoch: string | null;
}

export class Waiting {
  readonly #items: Signal<readonly OutboxItem[]> = signal([]);
  readonly #unkept: Signal<ReadonlySet<string>> = signal(new Set<string>());
  readonly #kept = new Set<string>(); // ids that are known to outlive the page
  storage: OutboxStorage;

  constructor(storage: OutboxStorage) {
    this.storage = storage;
  }

  get items(): ReadonlySignal<readonly OutboxItem[]> {
    return this.#items;
  }

  /** Ids of those that are gone with the page. */
  get unkept(): ReadonlySignal<ReadonlySet<string>> {
    return this.#unkept;
  }

  get kept(): ReadonlySet<string> {
    return this.#kept;
  }

  find(commandId: string | null): OutboxItem | undefined {
    return this.#items.peek().find((item) => item.command.command_id === commandId);
  }

  /** Whether there is room for it, in place of that one if that can go. Reads signals. */
  hasRoom(command: ClientCommand, limits: Limits, insteadOf?: OutboxItem): boolean {
    const items = this.#items.value.filter((item) => item !== insteadOf || mayBeStored(item));
    const used = items.reduce((sum, item) => sum + bytesOf(item.command), bytesOf(command));
    return items.length < limits.offline_commands && used <= limits.offline_bytes;
  }

  /** At the end, whatever the clock says. */
  add(command: ClientCommand, made: Made): void {
    const { now, offlineS, after, epoch } = made;
    const last = this.#items.peek().at(-1)?.createdAt ?? 0;
    const item: OutboxItem = {
      command,
      createdAt: Math.max(now, last + 1),
      until: now + 2 * offlineS * 1000, // it counts as not sent after half of it
      after,
      epoch,
      inDoubt: false,
      isConfirmed: false,
      state: { at: "queued" },
    };
    this.#items.value = [...this.#items.peek(), item];
    this.#keep(item);
  }

  /** Before another one, as old as that. */
  insert(next: OutboxItem, commandId: string): void {
    this.#items.value = this.#items
      .peek()
      .flatMap((item) => (item.command.command_id === commandId ? [next, item] : item));
    this.storage.tell({ kind: "put", item: next }); // before others hear that the other one went
    this.#keep(next);
  }

  set(next: OutboxItem): void {
    const id = next.command.command_id;
    this.#items.value = this.#items
      .peek()
      .map((item) => (item.command.command_id === id ? next : item));
  }

  /** As `set`, and so that it is the same after a reload. */
  settle(next: OutboxItem): void {
    this.set(next);
    this.#keep(next);
  }

  /** Everywhere. */
  forget(commandId: string, isTakenBack = false): void {
    void this.storage.remove(commandId, isTakenBack);
    this.drop(commandId);
  }

  /** From this page's list only. */
  drop(commandId: string): void {
    const others = this.#items.peek().filter(({ command }) => command.command_id !== commandId);
    this.#items.value = others;
    this.#kept.delete(commandId);
    this.#noteUnkept(commandId, false);
  }

  /** Takes in what is kept; those of `known` that are not among it another page is done with. */
  merge(kept: readonly OutboxItem[], known: ReadonlySet<string>): void {
    const ids = new Set(kept.map(({ command }) => command.command_id));
    const fresh = kept.filter(({ command }) => this.find(command.command_id) === undefined);
    const left = this.#items.peek().filter(({ command: { command_id: id }, state }) => {
      return ids.has(id) || !known.has(id) || state.at === "acked";
    });
    for (const id of ids) this.#kept.add(id);
    const items = [...fresh, ...left];
    this.#items.value = items.sort((a, b) => a.createdAt - b.createdAt);
  }

  /** What is kept for one person leaves the page with them. */
  leave(): void {
    for (const { command, state } of this.#items.peek()) {
      const isKept = this.storage.outlivesPage && !this.#unkept.peek().has(command.command_id);
      if (isKept || state.at === "discarded") this.drop(command.command_id);
    }
  }

  /** From now on in another place, if what is here belongs there. */
  move(storage: OutboxStorage, isSamePerson: boolean): void {
    this.storage = storage;
    if (isSamePerson) this.keepAnew();
    else this.#kept.clear();
  }

  /** Nothing is kept any more. */
  keepAnew(): void {
    this.#kept.clear();
    for (const item of this.#items.peek()) this.#keep(item);
  }

  #keep(item: OutboxItem): void {
    const id = item.command.command_id;
    const { storage } = this;
    if (!storage.outlivesPage) return this.#noteUnkept(id, true);
    const isHere = (): boolean => storage === this.storage && this.find(id) !== undefined;
    storage.put(item).then(
      () => {
        if (!isHere()) return;
        this.#kept.add(id);
        this.#noteUnkept(id, false);
      },
      () => isHere() && this.#noteUnkept(id, true),
    );
  }

  #noteUnkept(id: string, isUnkept: boolean): void {
    if (this.#unkept.peek().has(id) === isUnkept) return;
    const unkept = new Set(this.#unkept.peek());
    if (isUnkept) unkept.add(id);
    else unkept.delete(id);
    this.#unkept.value = unkept;
  }
}
