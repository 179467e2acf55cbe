// System lines about what happened while here: who came, who is called differently now.

import { type ReadonlySignal, type Signal, signal } from "@preact/signals-core";
import type { Entry } from "../protocol/types.generated.ts";
import type { Notice } from "./types.ts";

const MOST = 200;

export class Notices {
  readonly #list: Signal<readonly Notice[]> = signal([]);
  readonly #nameOf: (member: string) => string | undefined;
  #names = new Map<string, string>(); // of those that entries told of since

  constructor(nameOf: (member: string) => string | undefined) {
    this.#nameOf = nameOf;
  }

  get list(): ReadonlySignal<readonly Notice[]> {
    return this.#list;
  }

  /** The members are as of a snapshot: what comes after is news. */
  begin(): void {
    this.#names.clear();
  }

  heard(entry: Entry): void {
    const { seq, at, author: member } = entry;
    switch (entry.kind) {
      case "joined":
        this.#names.set(entry.body.member.id, entry.body.member.name);
        return this.#add({ kind: "joined", seq, at, member: entry.body.member.id });
      case "profile_changed": {
        const { id, name: after } = entry.body.member;
        const before = this.#names.get(id) ?? this.#nameOf(id) ?? after;
        this.#names.set(id, after);
        if (before !== after) this.#add({ kind: "profile", seq, at, member: id, before, after });
        return;
      }
      case "renamed":
        return this.#add({ kind: "renamed", seq, at, member, title: entry.body.title });
      default:
        return;
    }
  }

  /** The log was replaced by one that ends with `seq`: what was told was of the former. */
  restored(seq: number, at: number): void {
    this.#list.value = [{ kind: "restored", seq, at }];
  }

  #add(notice: Notice): void {
    this.#list.value = [...this.#list.peek(), notice].slice(-MOST);
  }
}
