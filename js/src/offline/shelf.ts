// One conversation's part of the database: what one saw of it last, and what one has not sent.
// Owns how much that may be. Must not know when it is shown.

import type { Kept, Shelf } from "../store/kept.ts";
import {
  type Database,
  database,
  type KeptRecord,
  type KeptStore,
  type Place,
  sweep,
} from "./database.ts";
import { openOutbox } from "./outbox.ts";

const MOST_MESSAGES = 200;
const MOST_CHARS = 512 * 1024; // 1 MiB, as a browser stores text
const MOST_CONVERSATIONS = 50;
/** Sorts after every text in a key. */
const LAST: [] = [];

/** What a record has that its page does not know. */
type Stamp = Pick<KeptRecord, "person" | "usedAt" | "until">;

/** Rejects where the browser keeps nothing. */
export async function openShelf(place: Place, build: string): Promise<Omit<Shelf, "askWho">> {
  await sweep(await database()).catch(() => {}); // the next page tries again
  const outboxes = new Map<string, ReturnType<typeof openOutbox>>();
  return {
    last: async () => last(await database(), place, build),
    put: async (kept) => put(await database(), { ...place, build, kept: trimmed(kept) }),
    forget: async (what) => {
      const { server, conversation } = place;
      const from = what === "server" ? [server] : [server, conversation];
      await (await database()).delete("kept", IDBKeyRange.bound(from, [...from, LAST]));
    },
    outbox(person) {
      const outbox = outboxes.get(person) ?? openOutbox({ ...place, person });
      outboxes.set(person, outbox);
      return outbox;
    },
  };
}

async function last(db: Database, place: Place, build: string): Promise<Kept | null> {
  const from = [place.server, place.conversation];
  const all = await db.getAll("kept", IDBKeyRange.bound(from, [...from, LAST]));
  const newest = all.sort((a, b) => b.usedAt - a.usedAt)[0];
  return newest?.build === build ? newest.kept : null;
}

async function put(db: Database, entry: Omit<KeptRecord, keyof Stamp>): Promise<void> {
  const change = db.transaction("kept", "readwrite");
  await Promise.all([replace(change.store, entry), change.done]);
}

/** Of one server only one person's, and of all conversations those that were used last. */
async function replace(store: KeptStore, entry: Omit<KeptRecord, keyof Stamp>): Promise<void> {
  const { server, conversation, kept } = entry;
  const person = kept.you.id;
  const known = await store.get([server, conversation, person]);
  if (known !== undefined && isNewer(known.kept, kept)) return;
  const usedAt = Date.now();
  const until = usedAt + kept.limits.offline_s * 1000;
  await store.put({ ...entry, person, usedAt, until });
  const keys = await store.index("usedAt").getAllKeys(); // oldest first
  const others = keys.filter(([of, , who]) => of === server && who !== person);
  for (const key of [...others, ...keys.slice(0, -MOST_CONVERSATIONS)]) await store.delete(key);
}

/** Whether a page that still shows `kept` must not write over `known`: another one saw more. */
export function isNewer(known: Kept, kept: Kept): boolean {
  if (known.info.epoch === kept.info.epoch) return known.head > kept.head;
  const { greetedAt } = known;
  return greetedAt > kept.greetedAt && greetedAt <= Date.now(); // else the clock was set
}

/** The newest ones; the first that is kept is where the rest is asked for. */
function trimmed(kept: Kept): Kept {
  let chars = 0;
  const fits = (text: string): boolean => {
    chars += text.length;
    return chars <= MOST_CHARS;
  };
  const newest = kept.messages.slice(-MOST_MESSAGES).reverse();
  const tooMuch = newest.findIndex((message) => !fits(JSON.stringify(message)));
  const messages = (tooMuch < 0 ? newest : newest.slice(0, tooMuch)).reverse();
  const isWhole = messages.length === kept.messages.length;
  return { ...kept, messages, before: isWhole ? kept.before : (messages[0]?.seq ?? kept.before) };
}
