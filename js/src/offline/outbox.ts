// One person's commands in the database, and what their pages tell each other about them. The
// order is the one in which they were made; every page has all of them.

import type { OutboxItem, OutboxNews, OutboxStorage } from "../store/outbox-storage.ts";
import { type CommandRecord, type Database, database, type Place, SELF } from "./database.ts";
import { takeTurn } from "./turns.ts";

export interface Owner extends Place {
  readonly person: string;
}

export function openOutbox(owner: Owner): OutboxStorage {
  const { server, conversation, person } = owner;
  const name = `jupyter_collab:${JSON.stringify([server, conversation, person])}`;
  const key = (id: string): [string, string, string, string] => [server, conversation, person, id];
  const range = IDBKeyRange.bound(
    [server, conversation, person],
    [server, conversation, person, []],
  );
  let channel: BroadcastChannel | null = null;
  const untold = new Set<Promise<void>>();
  let listeners: (() => void)[] = [];
  let self: string | undefined; // of the database in which all of this page's are kept
  const tell = (news: OutboxNews): void => {
    channel?.postMessage(news);
  };
  const load = async (): Promise<{ items: readonly OutboxItem[]; isAnother: boolean }> => {
    const look = (await database()).transaction(["commands", "self"]);
    const records = await look.objectStore("commands").getAll(range);
    const before = self;
    self = await look.objectStore("self").get(SELF);
    return {
      items: records.map(({ item }) => item),
      isAnother: before !== undefined && self !== before,
    };
  };
  return {
    outlivesPage: true,
    watch(heard) {
      const own = new BroadcastChannel(name);
      channel = own;
      own.onmessage = ({ data }: MessageEvent<OutboxNews>) => {
        heard(data);
        for (const listener of listeners) listener();
      };
      load().then(
        ({ items }) => channel === own && heard({ kind: "all", items }),
        () => {}, // what can't be read can't be kept either, and that is said
      );
      return () => {
        own.onmessage = null;
        channel = null;
        void Promise.allSettled(untold).then(() => own.close());
      };
    },
    put(item) {
      const to = channel; // whatever is closed meanwhile, others hear of it
      const record = { ...owner, id: item.command.command_id, item };
      const told = database()
        .then((db) => write(db, record))
        .then(() => to?.postMessage({ kind: "put", item } satisfies OutboxNews));
      untold.add(told);
      const done = (): boolean => untold.delete(told);
      told.then(done, done);
      return told;
    },
    tell,
    async remove(id, isTakenBack) {
      tell({ kind: "removed", commandId: id, isTakenBack });
      await database()
        .then((db) => db.delete("commands", key(id)))
        .catch(() => {});
    },
    turn(granted, lost) {
      const news = (listener: () => void): (() => void) => {
        listeners = [...listeners, listener];
        return () => {
          listeners = listeners.filter((other) => other !== listener);
        };
      };
      let isWanted = true;
      const giveBack = takeTurn(name, news, {
        granted: () => {
          load()
            .then(({ items, isAnother }) => (isAnother ? null : items)) // it was deleted meanwhile
            .catch(() => null)
            .then((items) => isWanted && granted(items));
        },
        lost,
      });
      return () => {
        isWanted = false;
        giveBack();
      };
    },
  };
}

/** A browser that has no room says so only when the transaction ends. */
async function write(db: Database, record: CommandRecord): Promise<void> {
  const change = db.transaction("commands", "readwrite");
  const putting = change.store.put(record);
  change.commit(); // the page may be going
  await Promise.all([putting, change.done]);
}
