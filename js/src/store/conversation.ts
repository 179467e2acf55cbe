// A conversation on this page: what the server said, what I asked for, and how the two meet.
// Must not know what carries the frames or who draws.

import { batch, type ReadonlySignal, type Signal, signal } from "@preact/signals-core";
import { TOO_LARGE } from "../protocol/close.ts";
import { assertNever, isKnownEntry, type UnknownEntry } from "../protocol/frames.ts";
import type { Link } from "../protocol/transport.ts";
import type {
  ClientCommand,
  ClientFrame,
  Entry,
  Refusal,
  ServerFrame,
  Snapshot,
} from "../protocol/types.generated.ts";
import { Acquaintance } from "./acquaintance.ts";
import { Deletions, type MessageId } from "./deletions.ts";
import { derive, nextTrouble } from "./derived.ts";
import { Draft, type KeptEdits } from "./drafts.ts";
import { History } from "./history.ts";
import { Keeping } from "./kept.ts";
import { TOO_LONG } from "./lanes.ts";
import { Notices } from "./notices.ts";
import { Outbox } from "./outbox.ts";
import { queuedReaction } from "./outbox-item.ts";
import { ReadMark } from "./read-mark.ts";
import { Replica } from "./replica.ts";
import { storedPosts } from "./shown.ts";
import type { ActivityState, OwnedStore, ShownMessage, StoreOptions, Trouble } from "./types.ts";
import { Typing } from "./typing.ts";

export { NOT_ENABLED } from "../protocol/transport.ts";
export type * from "./types.ts";

export function openConversation(options: StoreOptions): OwnedStore {
  return new Conversation(options);
}

type Asked<T> = T extends ClientCommand ? Omit<T, "command_id"> : never;

class Conversation implements OwnedStore {
  readonly id: string;
  readonly link: Signal<Link>;
  readonly loaded: ReadonlySignal<boolean>;
  readonly me: OwnedStore["me"];
  readonly canWrite: ReadonlySignal<boolean>;
  readonly title: ReadonlySignal<string>;
  readonly titleDelivery: OwnedStore["titleDelivery"];
  readonly info: OwnedStore["info"];
  readonly members: OwnedStore["members"];
  readonly everyone: Acquaintance;
  readonly presence: OwnedStore["presence"];
  readonly isPresenceKnown: ReadonlySignal<boolean>;
  readonly typing: ReadonlySignal<readonly string[]>;
  readonly messages: ReadonlySignal<readonly ShownMessage[]>;
  readonly notices: OwnedStore["notices"];
  readonly older: OwnedStore["older"];
  readonly readMark: ReadonlySignal<number>;
  readonly unread: ReadonlySignal<number>;
  readonly limits: OwnedStore["limits"];
  readonly slowUntil: ReadonlySignal<number>;
  readonly old: ReadonlySignal<readonly ShownMessage[]>;
  readonly isPageOnly: ReadonlySignal<boolean>;
  readonly draft: Signal<string>;
  readonly trouble: Signal<Trouble | null> = signal(null);
  readonly deleting: OwnedStore["deleting"];
  readonly canRenameSelf: ReadonlySignal<boolean>;
  readonly keptEdits: KeptEdits;

  readonly #options: StoreOptions;
  readonly #replica: Replica;
  readonly #outbox: Outbox;
  readonly #history: History;
  readonly #notices = new Notices((member) => this.members.peek().get(member)?.name);
  readonly #readMark: ReadMark;
  readonly #typing: Typing;
  readonly #deletions: Deletions;
  readonly #draft: Draft;
  readonly #keeping: Keeping;
  readonly #commandOf = new Map<number, string>(); // own posts, by seq
  #isLive = false;
  #activity: ActivityState = "active";

  constructor(options: StoreOptions) {
    const { clock, transport } = options;
    const sendLive = (frame: ClientFrame) => this.#isLive && transport.send(frame);
    this.id = options.id;
    this.#options = options;
    this.link = signal({ state: "connecting", since: clock.now() });
    this.#replica = new Replica(clock, (after) => transport.send({ type: "sync", after }));
    this.#outbox = new Outbox({
      clock,
      limits: () => this.limits.peek(),
      head: () => this.#replica.head,
      epoch: () => this.#replica.epoch,
      stored: (items) => storedPosts(items, this.#replica.state.peek(), this.me.peek()?.id ?? ""),
      lookBack: (after) => this.#history.reach(after),
      send: sendLive,
      gaveUp: (command, reason) => this.#gaveUp(command, reason),
      correct: (target, text) =>
        this.#ask(text === null ? { type: "redact", target } : { type: "edit", target, text }),
    });
    this.#history = new History((before) => sendLive({ type: "history", before }));
    this.everyone = new Acquaintance(clock, this.#replica, sendLive);
    const tellRead = (seq: number) => sendLive({ type: "mark_read", seq });
    this.#readMark = new ReadMark({ clock, storage: options.drafts, tell: tellRead });
    this.#typing = new Typing(clock, (active) => sendLive({ type: "typing", active }));
    this.#deletions = new Deletions(clock, this);
    this.#draft = new Draft(clock, options.drafts);

    const replica = this.#replica;
    this.loaded = replica.loaded;
    this.info = replica.info;
    this.presence = replica.presence;
    this.isPresenceKnown = replica.isPresenceKnown;
    this.limits = replica.limits;
    this.canRenameSelf = replica.canRenameSelf;
    this.typing = this.#typing.others.members;
    this.notices = this.#notices.list;
    this.older = this.#history.older;
    this.readMark = this.#readMark.seq;
    this.slowUntil = this.#outbox.slowUntil;
    this.draft = this.#draft.text;
    this.keptEdits = this.#draft.edits;
    this.deleting = this.#deletions.deadlines;
    const derived = derive({
      replica,
      outbox: this.#outbox,
      deleting: this.deleting,
      readMark: this.readMark,
      commandOf: this.#commandOf,
    });
    this.members = derived.members;
    this.me = derived.me;
    this.canWrite = derived.canWrite;
    this.title = derived.title;
    this.titleDelivery = derived.titleDelivery;
    this.messages = derived.messages;
    this.unread = derived.unread;
    this.old = derived.old;
    this.isPageOnly = derived.isPageOnly;
    this.#keeping = new Keeping({
      ...options,
      replica,
      history: this.#history,
      notices: this.#notices,
      readMark: this.#readMark,
      draft: this.#draft,
      outbox: this.#outbox,
    });
    transport.start({
      hello: () => replica.hello(options.client),
      frame: (frame) =>
        batch(() => {
          this.#take(frame);
          this.everyone.heard(frame);
        }),
      link: (link) => batch(() => this.#linked(link)),
    });
  }

  // What the person does

  hasRoom(text: string, insteadOf: string | null = null): boolean {
    return this.#outbox.hasRoom(text, insteadOf);
  }

  post(text: string, replyTo: number | null = null): boolean {
    if (text.trim() === "") return false;
    this.#typing.own.forget();
    return this.#ask({ type: "post", text, reply_to: replyTo });
  }

  edit(seq: number, text: string): boolean {
    const now = this.#find(seq);
    return now?.text === text || this.#ask({ type: "edit", target: seq, text }, now?.commandId);
  }

  revise({ seq, commandId, replyTo, text: before }: ShownMessage, text: string): boolean {
    if (seq !== null) return this.edit(seq, text);
    if (text !== before) return this.#ask({ type: "post", text, reply_to: replyTo }, commandId);
    this.retry(commandId ?? "");
    return true;
  }

  hold(commandId: string, by: 1 | -1): void {
    this.#outbox.holds.hold(commandId, by);
  }

  deleteSoon(...ids: readonly MessageId[]): void {
    this.#deletions.soon(ids);
  }

  undoDelete(...ids: readonly MessageId[]): void {
    this.#deletions.undo(ids);
  }

  /** What waits to be sent is taken back instead, so that quick clicks end in the last state. */
  toggleReaction(seq: number, emoji: string): void {
    const shown = this.#find(seq)?.reactions.find((reaction) => reaction.emoji === emoji);
    const isMine = shown?.members.includes(this.me.peek()?.id ?? "") ?? false;
    const waiting = queuedReaction(this.#outbox.items.peek(), seq, emoji);
    if (waiting !== undefined) this.#outbox.takeBack(waiting);
    else this.#ask({ type: isMine ? "unreact" : "react", target: seq, emoji });
  }

  rename(title: string): void {
    const folded = title.trim().replace(/\s+/g, " ");
    if (folded !== "" && folded !== this.title.peek()) this.#ask({ type: "rename", title: folded });
  }

  retry(commandId: string): void {
    this.#outbox.retry(commandId);
  }

  discard(id: MessageId): void {
    if (typeof id === "number") this.#ask({ type: "redact", target: id });
    else this.#outbox.takeBack(id);
  }

  confirmOld(): void {
    this.#outbox.confirm();
  }

  loadOlder(): void {
    this.#history.load();
  }

  markRead(seq: number): void {
    this.#readMark.mark(Math.min(seq, this.#replica.head));
  }

  typingNow(active: boolean): void {
    this.#typing.own.now(active);
  }

  setActivity(state: ActivityState): void {
    if (state === this.#activity) return;
    this.#activity = state;
    if (this.#isLive) this.#options.transport.send({ type: "activity", state });
  }

  async renameSelf(name: string): Promise<void> {
    await this.#options.renameMe(name);
    this.reconnectNow(); // the server takes a name from the handshake
  }

  reconnectNow(): void {
    this.#options.transport.reconnectNow();
  }

  flush(): void {
    this.#draft.flush();
    this.#deletions.flush();
    this.#outbox.hurry();
    this.#readMark.flush();
    this.#keeping.flush();
  }

  close(): void {
    this.flush();
    this.#draft.close();
    this.#options.transport.close();
    this.#disconnected();
    this.#replica.trust();
    this.#keeping.close();
  }

  // What the server says

  #take(frame: ServerFrame): void {
    switch (frame.type) {
      case "welcome":
        this.#replica.welcome(frame);
        this.#keeping.greeted(frame.you.id);
        return this.#readMark.greeted(frame.read);
      case "snapshot":
        return this.#restarted(frame);
      case "entries":
        return this.#heard(frame.entries);
      case "live":
        this.#replica.wentLive(frame.head);
        this.#keeping.confirmed();
        return this.#wentLive();
      case "ack":
        return this.#outbox.acked(frame.command_id, frame.seq);
      case "refused":
        return this.#refused(frame);
      case "presence":
        return this.#replica.present(frame.members);
      case "ephemeral":
        return this.#typing.heard(frame, this.me.peek()?.id);
      case "page":
        this.#replica.older(this.#history.arrived(frame));
        return this.#outbox.folded();
      case "read":
        return this.#readMark.heard(frame.seq);
      case "ping":
        return this.#replica.pinged(frame);
      case "reset":
        return this.#reset(frame.epoch);
      case "members": // `everyone` takes them in
      case "goodbye": // the transport shows it
        return;
      default:
        assertNever(frame);
    }
  }

  #restarted(frame: Snapshot): void {
    this.#replica.snapshot(frame);
    this.#notices.begin();
    this.#history.begin(frame.before);
    this.#outbox.folded();
  }

  #heard(entries: readonly (Entry | UnknownEntry)[]): void {
    const fresh = this.#replica.fresh(entries).filter(isKnownEntry);
    for (const entry of fresh) this.#beforeFolding(entry);
    this.#replica.entries(entries);
    for (const { kind, command_id: id, author, seq } of entries.filter(isKnownEntry)) {
      if (id === null || author !== this.me.peek()?.id) continue;
      if (kind === "posted") this.#deletions.stored(id, seq);
      this.#outbox.stored(id, seq);
    }
    this.#outbox.folded();
  }

  #beforeFolding(entry: Entry): void {
    this.#notices.heard(entry);
    this.#history.heard(entry, this.#replica.state.peek().messages);
    if (entry.kind !== "posted") return;
    this.#typing.others.stopped(entry.author);
    if (entry.command_id !== null && this.#outbox.has(entry.command_id)) {
      this.#commandOf.set(entry.seq, entry.command_id);
    }
  }

  #refused(frame: Refusal): void {
    if (frame.command_id !== null) return this.#outbox.refused(frame.command_id, frame);
    this.#replica.syncFailed(frame.retry_after_s ?? 1);
    this.#history.failed();
  }

  /** The log was replaced: what we have is of another one; a snapshot follows. */
  #reset(epoch: string): void {
    this.#replica.reset(epoch);
    this.#outbox.unack();
    this.#readMark.forget();
    this.#notices.restored(this.info.peek()?.head ?? 0, this.#options.clock.now() / 1000);
    this.#deletions.forget();
    this.#commandOf.clear();
  }

  // What the connection does

  #linked(link: Link): void {
    this.link.value = link;
    if (link.state === "live") return;
    if (link.state === "ended" && link.code === TOO_LARGE) this.#outbox.giveUp("sent", TOO_LONG);
    if (link.state === "ended") this.#keeping.ended(link.code);
    this.#disconnected();
    if (link.state === "waiting" || link.state === "offline") this.#keeping.lost();
  }

  #wentLive(): void {
    const { transport } = this.#options;
    this.#isLive = true;
    if (this.#activity !== "active") transport.send({ type: "activity", state: this.#activity });
    this.#outbox.open();
    this.#readMark.flush();
    this.#history.reopen();
  }

  #disconnected(): void {
    this.#isLive = false;
    this.#outbox.close();
    this.#replica.lost();
    this.#history.failed();
    this.everyone.failed(null);
    this.#typing.disconnected();
  }

  #ask(asked: Asked<ClientCommand>, insteadOf?: string | null): boolean {
    return this.#outbox.add({ ...asked, command_id: this.#options.newCommandId() }, insteadOf);
  }

  #gaveUp(command: ClientCommand, reason: string): void {
    if (command.type === "edit") this.keptEdits.of(command.target).set(command.text);
    this.trouble.value = nextTrouble(this.trouble.peek(), command.type, reason);
  }

  #find(seq: number): ShownMessage | undefined {
    return this.messages.peek().find((message) => message.seq === seq);
  }
}
