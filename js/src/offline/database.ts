// The browser's database, one per origin and shared by every page and server of it: that is why
// each key begins with a server. Owns its schema; a new one raises VERSION and never edits a step.

import { type DBSchema, type IDBPDatabase, type IDBPObjectStore, openDB } from "idb";
import type { Kept } from "../store/kept.ts";
import type { OutboxItem } from "../store/outbox-storage.ts";

const NAME = "jupyter_collab";
const VERSION = 2;
const PATIENCE_MS = 5_000; // some browsers never answer

export interface Place {
  readonly server: string;
  readonly conversation: string;
}

export interface KeptRecord extends Place {
  readonly person: string;
  /** The build that wrote it: another one may fold the same entries to more. */
  readonly build: string;
  /** Ms since the epoch: when it was written, and from when on it is too old to be kept. */
  readonly usedAt: number;
  readonly until: number;
  readonly kept: Kept;
}

export interface CommandRecord extends Place {
  readonly person: string;
  readonly id: string;
  readonly item: OutboxItem;
}

export interface LeaseRecord {
  readonly name: string;
  readonly holder: string;
  /** Ms since the epoch. */
  readonly until: number;
}

export const SELF = "id";

interface Schema extends DBSchema {
  kept: {
    key: [server: string, conversation: string, person: string];
    value: KeptRecord;
    indexes: { usedAt: number; until: number };
  };
  commands: {
    key: [server: string, conversation: string, person: string, id: string];
    value: CommandRecord;
    indexes: { until: number };
  };
  leases: { key: string; value: LeaseRecord };
  /** One text that tells this database from one that is made after it was deleted. */
  self: { key: typeof SELF; value: string };
}

export type Database = IDBPDatabase<Schema>;
export type KeptStore = IDBPObjectStore<Schema, ["kept"], "kept", "readwrite">;

let opened: Promise<Database> | null = null;

/** Rejects where the browser has none, or does not give it to us. */
export function database(): Promise<Database> {
  opened ??= open();
  opened.catch(forget);
  return opened;
}

async function open(): Promise<Database> {
  const tooLong = new Promise<never>((_, reject) => setTimeout(reject, PATIENCE_MS));
  const opening = openDB<Schema>(NAME, VERSION, {
    upgrade(made, from, _to, change) {
      if (from < 1) {
        const kept = made.createObjectStore("kept", {
          keyPath: ["server", "conversation", "person"],
        });
        kept.createIndex("usedAt", "usedAt");
        made.createObjectStore("commands", {
          keyPath: ["server", "conversation", "person", "id"],
        });
        made.createObjectStore("leases", { keyPath: "name" });
      }
      if (from < 2) {
        change.objectStore("kept").createIndex("until", "until");
        change.objectStore("commands").createIndex("until", "item.until");
        void made.createObjectStore("self").put(randomText(), SELF);
      }
    },
    // A newer version of us in another page: it goes first, we open again when it has
    blocking: (_current, _blocked, event) => {
      if (event.target instanceof IDBDatabase) event.target.close();
      forget();
    },
    terminated: forget,
  });
  return Promise.race([opening, tooLong]);
}

/** Deletes what is too old, whoever left it here. */
export async function sweep(db: Database): Promise<void> {
  const change = db.transaction(["kept", "commands"], "readwrite");
  const past = IDBKeyRange.upperBound(Date.now());
  const [kept, commands] = [change.objectStore("kept"), change.objectStore("commands")];
  await Promise.all([
    kept
      .index("until")
      .getAllKeys(past)
      .then((keys) => keys.map((key) => kept.delete(key))),
    commands
      .index("until")
      .getAllKeys(past)
      .then((keys) => keys.map((key) => commands.delete(key))),
    change.done,
  ]);
}

/** Not to be guessed, and the same twice never. */
export function randomText(): string {
  return crypto.getRandomValues(new Uint32Array(4)).join();
}

function forget(): void {
  opened = null;
}
