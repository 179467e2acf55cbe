// This page's turn to send, among all pages of one person on one conversation: asked for, held, or
// neither. Must not know what is sent in it.

import type { OutboxItem, OutboxStorage } from "./outbox-storage.ts";

export interface TurnListener {
  /** With all that is kept; null: it is not known, or nothing is. */
  granted(kept: readonly OutboxItem[] | null): void;
  lost(): void;
}

interface Asked {
  isHeld: boolean;
  giveBack: () => void;
}

export class Turn {
  #asked: Asked | null = null;

  get isHeld(): boolean {
    return this.#asked?.isHeld ?? false;
  }

  /** Does nothing if it is asked for already. */
  ask(storage: OutboxStorage, listener: TurnListener): void {
    if (this.#asked !== null) return;
    const asked: Asked = { isHeld: false, giveBack: () => {} };
    this.#asked = asked;
    asked.giveBack = storage.turn(
      (kept) => {
        if (this.#asked !== asked) return;
        asked.isHeld = true;
        listener.granted(kept);
      },
      () => {
        if (this.#asked !== asked) return;
        this.#asked = null;
        listener.lost();
      },
    );
  }

  giveBack(): void {
    const asked = this.#asked;
    this.#asked = null;
    asked?.giveBack();
  }
}
