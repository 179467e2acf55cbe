// What an outbox is told and asks, by whoever has one.

import type { Clock } from "../clock.ts";
import type { ClientCommand, Limits } from "../protocol/types.generated.ts";
import type { OutboxItem } from "./outbox-storage.ts";

export interface OutboxOptions {
  readonly clock: Clock;
  readonly limits: () => Limits;
  /** The seq up to which everything is shown. */
  readonly head: () => number;
  /** Of the log that is shown. */
  readonly epoch: () => string | null;
  /** Ids of those posts of `items` that seem to be stored already. */
  readonly stored: (items: readonly OutboxItem[]) => ReadonlySet<string>;
  /** Asks for the messages after this one, if some are not loaded. */
  readonly lookBack: (after: number) => void;
  /** False if there is no connection. */
  readonly send: (command: ClientCommand) => boolean;
  /** A command other than a post will not be done; it is gone from the outbox. */
  readonly gaveUp: (command: ClientCommand, reason: string) => void;
  /** A post that was taken back is stored after all: it gets another text, or none. */
  readonly correct: (seq: number, text: string | null) => void;
}
