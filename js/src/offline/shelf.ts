// One conversation's part of the database: what one saw of it last, and what one has not sent.
// Owns how much that may be. Must not know when it is shown.

import type { Kept, Shelf } from "../store/kept.ts";
import { type Database, database, type KeptRecord, type Place } from "./database.ts";
import { openOutbox } from "./outbox.ts";

const MOST_MESSAGES = 200;
const MOST_CHARS = 512 * 1024; // 1 MiB, as a browser stores text
const MOST_CONVERSATIONS = 50;
/** Sorts after every text in a key. */
const LAST: [] = [];

/** Rejects where the browser keeps nothing. */
export async function openShelf(place: Place, build: string): Promise<Shelf> {
  await database();
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

/** Of one server only one person's, and of all conversations those that were used last. */
async function put(db: Database, entry: Omit<KeptRecord, "person" | "usedAt">): Promise<void> {
  const { server, kept } = entry;
  const person = kept.you.id;
  const now = db.transaction("kept", "readwrite");
  const putting = now.store.put({ ...entry, person, usedAt: Date.now() });
  now.commit(); // the page may be going
  await Promise.all([putting, now.done]);
  const change = db.transaction("kept", "readwrite");
  const keys = await change.store.index("usedAt").getAllKeys(); // oldest first
  const others = keys.filter(([of, , who]) => of === server && who !== person);
  for (const key of [...others, ...keys.slice(0, -MOST_CONVERSATIONS)]) {
    await change.store.delete(key);
  }
  await change.done;
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
