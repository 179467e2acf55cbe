// A server in the page: answers commands and pages of history like the real one, without a log.

import type { Transport, TransportListener } from "../../src/protocol/transport.ts";
import type {
  ClientCommand,
  ClientFrame,
  Entry,
  Member,
  Message,
  PresentMember,
  ServerFrame,
  Welcome,
  Who,
} from "../../src/protocol/types.generated.ts";
import { welcome } from "../fakes.ts";

const PAGE = 50;
const MEMBERS = 64;

export interface World {
  readonly welcome: Partial<Welcome>;
  /** Oldest first. */
  readonly messages: readonly Message[];
  /** Ms until a command is answered; null never answers. */
  readonly answerMs?: number | null;
  readonly historyMs?: number;
  /** Who ever took part, if these are more than a greeting tells of. */
  readonly everyone?: readonly Member[];
  /** Ms until who members are is answered; null never answers, below 0 it is refused. */
  readonly whoMs?: number | null;
}

export class GalleryServer implements Transport {
  readonly #world: World;
  #listener: TransportListener | null = null;
  #head: number;
  isOpen = true;
  /** Ms until who members are is answered; null never answers, below 0 it is refused. */
  whoMs: number | null;

  constructor(world: World) {
    this.#world = world;
    this.#head = world.messages.at(-1)?.seq ?? 1;
    this.whoMs = world.whoMs === undefined ? 60 : world.whoMs;
  }

  start(listener: TransportListener): void {
    this.#listener = listener;
    if (this.isOpen) queueMicrotask(() => this.greet());
  }

  send(frame: ClientFrame): boolean {
    if (!this.isOpen) return false;
    if ("command_id" in frame) this.#later(this.#world.answerMs, () => this.#answer(frame));
    if (frame.type === "history") {
      this.#later(this.#world.historyMs ?? 300, () => this.#page(frame.before));
    }
    if (frame.type === "who") this.#later(this.whoMs, () => this.#tellWho(frame));
    return true;
  }

  reconnectNow(): void {
    this.isOpen = true;
    this.greet();
  }

  close(): void {
    this.isOpen = false;
  }

  greet(): void {
    const listener = this.#listener;
    if (listener === null) return;
    const hello = listener.hello();
    this.say(welcome({ head: this.#head, ...this.#world.welcome }));
    if (typeof hello.after === "number") this.say({ type: "entries", entries: [] });
    else this.#snapshot();
    this.say({ type: "live", head: this.#head });
    listener.link({ state: "live", since: Date.now(), resumed: typeof hello.after === "number" });
  }

  say(...frames: readonly ServerFrame[]): void {
    for (const frame of frames) this.#listener?.frame(frame);
  }

  lose(state: "waiting" | "offline", why?: string): void {
    this.isOpen = false;
    const since = Date.now();
    if (state === "offline") this.#listener?.link({ state, since });
    else this.#listener?.link({ state, since, retryAt: since + 12_000, why });
  }

  /** Another log takes the place of this one: its first messages, as of a backup. */
  restore(epoch: string, count: number): void {
    const messages = this.#world.messages.slice(0, count);
    this.#head = messages.at(-1)?.seq ?? 1;
    const greeting = welcome({ ...this.#world.welcome });
    const conversation = { ...greeting.conversation, epoch, head: this.#head };
    this.say({ ...greeting, conversation }, { type: "reset", epoch });
    this.say({ type: "snapshot", head: this.#head, messages, before: null });
    this.say({ type: "live", head: this.#head });
  }

  end(code: number, message: string): void {
    this.isOpen = false;
    this.#listener?.link({ state: "ended", code, message });
  }

  /** Someone else's entry. */
  tell(
    author: string,
    entry: Pick<Entry, "kind" | "body">,
    commandId: string | null = null,
  ): number {
    this.#head += 1;
    const told = { seq: this.#head, author, at: Date.now() / 1000, command_id: commandId };
    this.say({ type: "entries", entries: [{ ...told, ...entry } as Entry] });
    return this.#head;
  }

  post(author: string, text: string, replyTo: number | null = null): number {
    return this.tell(author, { kind: "posted", body: { text, reply_to: replyTo } });
  }

  refuse(commandId: string, code: string, message: string): void {
    this.say({ type: "refused", command_id: commandId, code, message, retry_after_s: null });
  }

  #answer(command: ClientCommand): void {
    if (!this.isOpen) return;
    const me = this.#world.welcome.you?.id ?? "user:ada";
    if (command.type === "post" && command.text.startsWith("/fail")) {
      return this.refuse(command.command_id, "text_too_long", "The text is too long.");
    }
    this.say({
      type: "ack",
      command_id: command.command_id,
      seq: this.#head + 1,
      duplicate: false,
    });
    this.tell(me, entryOf(command), command.command_id);
  }

  #snapshot(): void {
    const messages = this.#world.messages.slice(-PAGE);
    this.say({ type: "snapshot", head: this.#head, messages, before: this.#before(messages) });
  }

  #page(before: number): void {
    const messages = this.#world.messages.filter(({ seq }) => seq < before).slice(-PAGE);
    this.say({ type: "page", messages, before: this.#before(messages) });
  }

  #tellWho({ ids, after = 0 }: Who): void {
    if ((this.whoMs ?? 0) < 0) {
      const fields = { command_id: null, code: "unavailable", message: "No.", retry_after_s: 1 };
      return this.say({ type: "refused", ...fields });
    }
    const everyone = this.#world.everyone ?? [];
    const asked = ids == null ? everyone : everyone.filter(({ id }) => ids.includes(id));
    const members = asked.slice(after, after + MEMBERS);
    const next = after + MEMBERS < asked.length ? after + MEMBERS : null;
    const here = this.#world.welcome.presence ?? [];
    const presence = members.map(({ id }) => here.find((each) => each.id === id) ?? lastSeen(id));
    this.say({ type: "members", members, presence, after: next });
  }

  #before(messages: readonly Message[]): number | null {
    const first = messages[0]?.seq ?? 0;
    return this.#world.messages.some(({ seq }) => seq < first) ? first : null;
  }

  #later(ms: number | null | undefined, run: () => void): void {
    if (ms !== null) setTimeout(run, ms ?? 60);
  }
}

function lastSeen(id: string): PresentMember {
  const daysAgo = (id.length * 7 + (id.charCodeAt(id.length - 1) % 10)) % 40;
  const last_seen = Date.now() / 1000 - daysAgo * 86_400;
  return { id, state: "offline", connections: 0, last_seen };
}

export function entryOf(command: ClientCommand): Pick<Entry, "kind" | "body"> {
  switch (command.type) {
    case "post":
      return { kind: "posted", body: { text: command.text, reply_to: command.reply_to ?? null } };
    case "edit":
      return { kind: "edited", body: { target: command.target, text: command.text } };
    case "redact":
      return { kind: "redacted", body: { target: command.target } };
    case "react":
      return { kind: "reacted", body: { target: command.target, emoji: command.emoji } };
    case "unreact":
      return { kind: "unreacted", body: { target: command.target, emoji: command.emoji } };
    case "rename":
      return { kind: "renamed", body: { title: command.title } };
  }
}
