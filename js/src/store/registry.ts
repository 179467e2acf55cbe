// One store, and so one connection, for each conversation on the page, however many views show it
// [UI7]. The module is loaded once per page, so this map is the page's.

import type { Clock } from "../clock.ts";
import type { OwnedStore } from "./conversation.ts";
import type { ConversationStore } from "./types.ts";

const LINGER_MS = 2_000; // re-running a cell takes its view away and brings another

interface Shared {
  readonly store: OwnedStore;
  views: number;
  cancelClosing: () => void;
}

export interface Lease {
  readonly store: ConversationStore;
  release(): void;
}

export class Registry {
  readonly #clock: Clock;
  readonly #shared = new Map<string, Shared>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Opens the store, or joins those who have it. The last one to release closes it, soon. */
  acquire(key: string, open: () => OwnedStore): Lease {
    const shared = this.#shared.get(key) ?? { store: open(), views: 0, cancelClosing: () => {} };
    this.#shared.set(key, shared);
    shared.cancelClosing();
    shared.views += 1;
    let isHeld = true;
    return {
      store: shared.store,
      release: () => {
        if (isHeld) this.#leave(key, shared);
        isHeld = false;
      },
    };
  }

  /** The page may go without another word. */
  flush(): void {
    for (const { store } of this.#shared.values()) store.flush();
  }

  #leave(key: string, shared: Shared): void {
    shared.views -= 1;
    if (shared.views > 0) return;
    shared.cancelClosing = this.#clock.after(LINGER_MS, () => {
      this.#shared.delete(key);
      shared.store.close();
    });
  }
}
