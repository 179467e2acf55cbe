// Who members are that the page was not told of. Owns one query at a time: for those whom something
// names that is shown, then for everyone, once somebody wants to see them. Must not know who they
// are. [RS15]

import { type ReadonlySignal, type Signal, signal } from "@preact/signals-core";
import type { Clock } from "../clock.ts";
import { isKnownEntry } from "../protocol/frames.ts";
import type { Members, ServerFrame, Who } from "../protocol/types.generated.ts";
import type { Replica } from "./replica.ts";
import { namedIn } from "./shown.ts";
import type { Everyone, Older } from "./types.ts";

export class Acquaintance implements Everyone {
  readonly others: Signal<Older> = signal("none");
  readonly #clock: Clock;
  readonly #replica: Replica;
  readonly #ask: (query: Who) => boolean;
  readonly #named = new Set<string>();
  #after = 0; // how many of all came on this connection
  #asked: Who | null = null;

  constructor(clock: Clock, replica: Replica, ask: (query: Who) => boolean) {
    this.#clock = clock;
    this.#replica = replica;
    this.#ask = ask;
  }

  /** Everyone else has taken this frame in. */
  heard(frame: ServerFrame): void {
    switch (frame.type) {
      case "welcome":
        this.#after = 0;
        this.others.value = frame.members.length < frame.members_in_all ? "idle" : "none";
        return;
      case "live":
        return this.#meetAll();
      case "entries":
        return this.#meet(frame.entries.filter(isKnownEntry).map(({ author }) => author));
      case "presence":
        return this.#meet(frame.members.map(({ id }) => id));
      case "snapshot":
      case "page":
        return this.#meet(namedIn(frame.messages));
      case "members":
        this.#replica.know(frame);
        return this.#arrived(frame);
      case "refused":
        if (frame.command_id === null) this.failed(frame.retry_after_s ?? 1);
    }
  }

  get count(): ReadonlySignal<number> {
    return this.#replica.membersInAll;
  }

  load(): void {
    if (this.others.peek() === "none") return;
    this.others.value = "loading";
    this.#askNext();
  }

  /** The query was refused, or the connection that carried it is gone. */
  failed(retryAfterS: number | null): void {
    if (this.others.peek() === "loading") this.others.value = "failed";
    if (this.#asked === null) return;
    this.#asked = null;
    if (retryAfterS !== null) this.#clock.after(retryAfterS * 1000, () => this.#askNext());
  }

  #meetAll(): void {
    const { you, info, presence, state } = this.#replica;
    this.#meet([
      you.peek()?.id ?? "",
      info.peek()?.created_by ?? "",
      ...presence.peek().keys(),
      ...namedIn(state.peek().messages.values()),
    ]);
  }

  #meet(members: Iterable<string>): void {
    for (const member of members) this.#named.add(member);
    this.#askNext();
  }

  #arrived({ after }: Members): void {
    const asked = this.#asked;
    this.#asked = null;
    if (asked?.ids) {
      const found = asked.ids.slice(0, after ?? undefined); // whom nobody knows, too
      for (const member of found) this.#named.delete(member);
    } else if (asked !== null) {
      this.#after = after ?? 0;
      if (after === null) this.others.value = "none";
    }
    this.#askNext();
  }

  #askNext(): void {
    if (this.#asked !== null) return;
    const known = this.#replica.state.peek().members;
    for (const member of this.#named) if (known.has(member)) this.#named.delete(member);
    const ids = [...this.#named].slice(0, this.#replica.limits.peek().members_at_once);
    const isForAll = ids.length === 0;
    if (isForAll && this.others.peek() !== "loading") return;
    const query: Who = isForAll ? { type: "who", after: this.#after } : { type: "who", ids };
    if (this.#ask(query)) this.#asked = query;
    else if (isForAll) this.others.value = "failed";
  }
}
