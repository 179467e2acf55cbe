// What the user interface sees of a conversation: the store's signals and functions.

import type { ReadonlySignal, Signal } from "@preact/signals-core";
import type { Clock } from "../clock.ts";
import type { Link, Transport } from "../protocol/transport.ts";
import type {
  ClientCommand,
  ConversationInfo,
  Limits,
  Member,
  PresentMember,
} from "../protocol/types.generated.ts";
import type { TextStorage } from "../storage.ts";
import type { MessageId } from "./deletions.ts";
import type { KeptEdits } from "./drafts.ts";
import type { Shelf } from "./kept.ts";

export type { ConversationInfo, Limits, Link, Member, PresentMember };

export type Delivery =
  | { readonly state: "sent" }
  | { readonly state: "pending"; readonly since: number; readonly isAsked: boolean }
  | { readonly state: "failed"; readonly reason: string };

export interface ShownReaction {
  readonly emoji: string;
  readonly members: readonly string[];
}

export interface ShownMessage {
  /** Stable for the message's life on this page: own posts keep it from pending to sent. */
  readonly key: string;
  /** Null while not acknowledged. */
  readonly seq: number | null;
  /** What can be taken back: it is not stored yet, or the edit of it was never sent; else null. */
  readonly commandId: string | null;
  readonly author: string;
  /** UTC epoch seconds. */
  readonly at: number;
  readonly text: string;
  readonly editedAt: number | null;
  readonly redacted: boolean;
  readonly replyTo: number | null;
  readonly status: "done" | "writing" | "stopped" | "failed" | "interrupted";
  readonly reactions: readonly ShownReaction[];
  readonly delivery: Delivery;
}

/** System lines, seen while here. */
export type Notice =
  | { readonly kind: "restored"; readonly seq: number; readonly at: number }
  | { readonly kind: "joined"; readonly seq: number; readonly at: number; readonly member: string }
  | {
      readonly kind: "renamed";
      readonly seq: number;
      readonly at: number;
      readonly member: string;
      readonly title: string;
    }
  | {
      readonly kind: "profile";
      readonly seq: number;
      readonly at: number;
      readonly member: string;
      readonly before: string;
      readonly after: string;
    };

export interface Trouble {
  readonly id: number;
  /** What was refused. */
  readonly about: ClientCommand["type"];
  readonly text: string;
}

export type Older = "idle" | "loading" | "failed" | "none";
export type ActivityState = "active" | "idle" | "hidden";

export interface Everyone {
  /** How many members there are. */
  readonly count: ReadonlySignal<number>;
  /** Those who are not known here yet; "none" when everyone is. */
  readonly others: ReadonlySignal<Older>;
  load(): void;
}

export interface ConversationStore {
  readonly id: string;
  readonly link: ReadonlySignal<Link>;
  /** A snapshot has been shown. */
  readonly loaded: ReadonlySignal<boolean>;
  readonly me: ReadonlySignal<Member | null>;
  readonly canWrite: ReadonlySignal<boolean>;
  readonly title: ReadonlySignal<string>;
  /** Of a change of the title that I made. */
  readonly titleDelivery: ReadonlySignal<Delivery>;
  readonly info: ReadonlySignal<ConversationInfo | null>;
  readonly members: ReadonlySignal<ReadonlyMap<string, Member>>;
  /** `members` are those whom the page needed so far. */
  readonly everyone: Everyone;
  readonly presence: ReadonlySignal<ReadonlyMap<string, PresentMember>>;
  /** False while there is no connection: `presence` is as it was then. */
  readonly isPresenceKnown: ReadonlySignal<boolean>;
  /** Member ids, never mine, expired ones gone. */
  readonly typing: ReadonlySignal<readonly string[]>;
  /** In the server's order, then my pending ones in theirs. */
  readonly messages: ReadonlySignal<readonly ShownMessage[]>;
  readonly notices: ReadonlySignal<readonly Notice[]>;
  /** "none": the beginning is loaded. */
  readonly older: ReadonlySignal<Older>;
  readonly readMark: ReadonlySignal<number>;
  /** Loaded messages of others after the read mark. */
  readonly unread: ReadonlySignal<number>;
  readonly limits: ReadonlySignal<Limits>;
  /** Ms since the epoch while the server slows me down, else 0. */
  readonly slowUntil: ReadonlySignal<number>;
  /** My messages that waited so long that I am asked before they are sent. */
  readonly old: ReadonlySignal<readonly ShownMessage[]>;
  /** Some of what waits is gone with this page. */
  readonly isPageOnly: ReadonlySignal<boolean>;
  /** The composer's text, kept per server, person and conversation. The one writable signal. */
  readonly draft: Signal<string>;
  /** The last reaction, rename, edit or deletion that was refused. */
  readonly trouble: ReadonlySignal<Trouble | null>;
  /** To deadlines (ms): hidden at once, deleted for good when the time is over. */
  readonly deleting: ReadonlySignal<ReadonlyMap<MessageId, number>>;
  readonly canRenameSelf: ReadonlySignal<boolean>;
  /** Texts of edits that are under way, were left, or failed; the composer keeps it. */
  readonly keptEdits: KeptEdits;

  /** Whether a message of this text can wait, in place of that command's. Reads signals. */
  hasRoom(text: string, insteadOf?: string | null): boolean;
  /** False if it could not be taken. */
  post(text: string, replyTo?: number | null): boolean;
  edit(seq: number, text: string): boolean;
  /** Another text for a message; one that is not sent yet, or failed, keeps its place. */
  revise(message: ShownMessage, text: string): boolean;
  /** One that waits is being edited: it is not sent until each `1` had its `-1`. */
  hold(commandId: string, by: 1 | -1): void;
  deleteSoon(...ids: readonly MessageId[]): void;
  undoDelete(...ids: readonly MessageId[]): void;
  toggleReaction(seq: number, emoji: string): void;
  rename(title: string): void;
  retry(commandId: string): void;
  /** Deletes at once. */
  discard(id: MessageId): void;
  /** Sends after all the messages that `old` is about. */
  confirmOld(): void;
  loadOlder(): void;
  markRead(seq: number): void;
  /** May be called on every key. */
  typingNow(active: boolean): void;
  setActivity(state: ActivityState): void;
  /** Changes my name on the server; rejects with a sentence for people. */
  renameSelf(name: string): Promise<void>;
  reconnectNow(): void;
}

export interface StoreOptions {
  readonly id: string;
  /** The server's URL, part of the name under which a draft is kept. */
  readonly server: string;
  /** What we are, for the server's logs. */
  readonly client: string;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly newCommandId: () => string;
  readonly drafts: TextStorage;
  /** What outlives the page; rejects where the browser keeps nothing. */
  readonly shelf?: () => Promise<Shelf>;
  readonly renameMe: (name: string) => Promise<void>;
}

/** A store as its owner sees it. */
export interface OwnedStore extends ConversationStore {
  /** The page may go: does now what waits for a timer. */
  flush(): void;
  close(): void;
}
