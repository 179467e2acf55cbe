// The browser's database, one per origin and shared by every page and server of it: that is why
// each key begins with a server. Owns its schema; a new one raises VERSION and never edits a step.

import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { Kept } from "../store/kept.ts";
import type { OutboxItem } from "../store/outbox-storage.ts";

const NAME = "jupyter_collab";
const VERSION = 1;
const PATIENCE_MS = 5_000; // some browsers never answer

export interface Place {
  readonly server: string;
  readonly conversation: string;
}

export interface KeptRecord extends Place {
  readonly person: string;
  /** The build that wrote it: another one may fold the same entries to more. */
  readonly build: string;
  /** Ms since the epoch. */
  readonly usedAt: number;
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

interface Schema extends DBSchema {
  kept: {
    key: [server: string, conversation: string, person: string];
    value: KeptRecord;
    indexes: { usedAt: number };
  };
  commands: {
    key: [server: string, conversation: string, person: string, id: string];
    value: CommandRecord;
  };
  leases: { key: string; value: LeaseRecord };
}

export type Database = IDBPDatabase<Schema>;

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
    upgrade(made) {
      const kept = made.createObjectStore("kept", {
        keyPath: ["server", "conversation", "person"],
      });
      kept.createIndex("usedAt", "usedAt");
      made.createObjectStore("commands", {
        keyPath: ["server", "conversation", "person", "id"],
      });
      made.createObjectStore("leases", { keyPath: "name" });
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

function forget(): void {
  opened = null;
}
