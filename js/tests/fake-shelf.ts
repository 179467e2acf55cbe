// A browser's storage for one person, shared by scripted pages: what it promises and no more. A
// page that dies leaves its commands, and its turn to the next.

import type { Kept, Shelf } from "../src/store/kept.ts";
import type { OutboxItem, OutboxNews, OutboxStorage } from "../src/store/outbox-storage.ts";
import { fakeStorage } from "./fakes.ts";

type Heard = (news: OutboxNews) => void;

interface Asked {
  readonly page: FakePage;
  readonly granted: (kept: readonly OutboxItem[] | null) => void;
}

export class FakeBrowser {
  readonly items = new Map<string, OutboxItem>();
  readonly texts = fakeStorage();
  kept: Kept | null = null;
  readonly heard = new Map<FakePage, Heard>();
  turns: Asked[] = [];
  #isWiped = false;

  /** The person clears what sites have stored; every page notices. */
  wipe(): void {
    this.items.clear();
    this.kept = null;
    this.#isWiped = true;
  }

  /** Tells the other pages, if they hear it. */
  tell(from: FakePage, news: OutboxNews): void {
    for (const [page, heard] of this.heard) if (page !== from) heard(news);
  }

  grant(): void {
    const [first] = this.turns;
    if (first === undefined) return;
    const items = [...this.items.values()].sort((a, b) => a.createdAt - b.createdAt);
    const told = this.#isWiped ? null : items;
    this.#isWiped = false;
    queueMicrotask(() => this.turns[0] === first && first.granted(told));
  }

  leave(isTheirs: (asked: Asked) => boolean): void {
    const [first] = this.turns;
    this.turns = this.turns.filter((asked) => !isTheirs(asked));
    if (this.turns[0] !== first) this.grant();
  }
}

export class FakePage implements Shelf {
  readonly #browser: FakeBrowser;
  readonly #outboxes = new Map<string, OutboxStorage>();
  readonly #who: string | null;
  #isAlive = true;

  constructor(browser: FakeBrowser, who: string | null = null) {
    this.#browser = browser;
    this.#who = who;
  }

  /** From now on nothing of this page reaches the browser. */
  die(): void {
    this.#isAlive = false;
    this.#browser.heard.delete(this);
    this.#browser.leave(({ page }) => page === this);
  }

  async last(): Promise<Kept | null> {
    return this.#browser.kept;
  }

  async put(kept: Kept): Promise<void> {
    if (this.#isAlive) this.#browser.kept = kept;
  }

  async askWho(): Promise<string | null> {
    return this.#who;
  }

  async forget(): Promise<void> {
    this.#browser.kept = null;
  }

  outbox(person: string): OutboxStorage {
    const known = this.#outboxes.get(person) ?? this.#makeOutbox();
    this.#outboxes.set(person, known);
    return known;
  }

  #makeOutbox(): OutboxStorage {
    const browser = this.#browser;
    return {
      outlivesPage: true,
      watch: (heard) => {
        browser.heard.set(this, heard);
        const items = [...browser.items.values()];
        queueMicrotask(() => browser.heard.get(this) === heard && heard({ kind: "all", items }));
        return () => browser.heard.delete(this);
      },
      put: async (item) => {
        if (!this.#isAlive) return;
        browser.items.set(item.command.command_id, item);
        queueMicrotask(() => browser.tell(this, { kind: "put", item }));
      },
      tell: (news) => this.#isAlive && browser.tell(this, news),
      remove: async (commandId, isTakenBack) => {
        if (!this.#isAlive) return;
        browser.items.delete(commandId);
        browser.tell(this, { kind: "removed", commandId, isTakenBack });
      },
      turn: (granted) => {
        const asked = { page: this, granted };
        browser.turns.push(asked);
        if (browser.turns[0] === asked) browser.grant();
        return () => browser.leave((other) => other === asked);
      },
    };
  }
}
