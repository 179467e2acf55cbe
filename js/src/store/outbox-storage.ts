// Where commands wait: what the outbox asks of a place that outlives the page, and the page itself
// for where there is none. Must not know how a command is sent.

import type { ClientCommand } from "../protocol/types.generated.ts";

export interface OutboxItem {
  readonly command: ClientCommand;
  /** Ms since the epoch; later than that of every item before it, whatever the clock does. */
  readonly createdAt: number;
  /** Ms since the epoch: from then on it is kept nowhere. */
  readonly until: number;
  /** The cursor when it was made: if it is stored already, its seq is above. */
  readonly after: number;
  /** Of the log that was shown when it was made; what it aims at is a number of that one. */
  readonly epoch: string | null;
  /** An earlier try was never answered: it may be stored already. */
  readonly inDoubt: boolean;
  /** Its author said again that it is to be sent, however long ago it was written. */
  readonly isConfirmed: boolean;
  readonly state: ItemState;
}

export type ItemState =
  | { readonly at: "queued" }
  | { readonly at: "asked" } // it waited so long that its author is asked first
  | { readonly at: "sent" }
  | { readonly at: "acked"; readonly seq: number }
  | { readonly at: "failed"; readonly reason: string }
  /** Taken back, but it may be stored: then it is to be deleted, or to have the text of `by`. */
  | { readonly at: "discarded"; readonly by?: string | undefined };

/** What another page of this person did. */
export type OutboxNews =
  | { readonly kind: "all"; readonly items: readonly OutboxItem[] }
  | { readonly kind: "put"; readonly item: OutboxItem }
  | { readonly kind: "removed"; readonly commandId: string; readonly isTakenBack: boolean }
  | { readonly kind: "held"; readonly commandId: string; readonly isHeld: boolean };

/** The commands of one person in one conversation, shared by all their pages. */
export interface OutboxStorage {
  /** False: what is put there is gone with the page. */
  readonly outlivesPage: boolean;
  /** Tells what is kept, soon, and then what other pages do. Returns what ends it. */
  watch(heard: (news: OutboxNews) => void): () => void;
  /** Keeps it and tells other pages; rejects if it can't be kept. */
  put(item: OutboxItem): Promise<void>;
  /** Tells other pages what is not worth keeping. */
  tell(news: OutboxNews): void;
  /** Tells other pages, too, that it is done, or taken back before it was sent. */
  remove(commandId: string, isTakenBack: boolean): Promise<void>;
  /**
   * One page sends at a time: calls back with all that is kept (null: nothing else than here, not
   * even what was kept before), and if the turn is taken away. Returns what gives it back, or no
   * longer asks for it.
   */
  turn(granted: (kept: readonly OutboxItem[] | null) => void, lost: () => void): () => void;
}

/** Commands of this page only. */
export const PAGE_ONLY: OutboxStorage = {
  outlivesPage: false,
  watch: () => () => {},
  put: async () => {},
  tell: () => {},
  remove: async () => {},
  turn: (granted) => {
    granted(null);
    return () => {};
  },
};

/** Until it is known whose they are, or whether the browser can keep them: nothing is sent. */
export const NOT_YET: OutboxStorage = { ...PAGE_ONLY, turn: () => () => {} };
