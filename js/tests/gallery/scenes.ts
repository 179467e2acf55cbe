// What there is to look at.

import type { OwnedStore } from "../../src/store/conversation.ts";
import { FakeBrowser } from "../fake-shelf.ts";
import { welcome } from "../fakes.ts";
import type { GalleryServer, World } from "./server.ts";
import { ADA, BO, CROWD, CY, chatter, DI, FORMULAS, PEOPLE, PRESENCE, TALK } from "./talk.ts";

export interface Scene {
  readonly world: World;
  readonly connects?: boolean;
  /** What the browser has kept; without it, it keeps nothing. */
  readonly browser?: FakeBrowser;
  after?(server: GalleryServer, store: OwnedStore): void;
}

const ids = { id: "team", epoch: "e1", head: 1, floor: 1, created_by: BO.id };
const DAYS = 24 * 3600;
const conversation = { ...ids, title: "Orders review", created_at: Date.now() / 1000 - 4 * DAYS };
const room = { you: ADA, members: PEOPLE, presence: PRESENCE, conversation, can_rename_self: true };
const DAMAGED = "The database of conversations is damaged. Its operator has to restore a backup.";
const talk: World = { welcome: room, messages: TALK };
const told = { ...room, members: CROWD.slice(0, 64), members_in_all: CROWD.length };
const many: World = { welcome: told, messages: TALK, everyone: CROWD };
const last = TALK.at(-1)?.seq ?? 1;

const alone = {
  you: ADA,
  members: [ADA],
  presence: PRESENCE.slice(0, 1),
  conversation: { ...conversation, title: "Team", created_by: ADA.id },
};

function goOffline(server: GalleryServer, store: OwnedStore): void {
  server.lose("offline");
  store.post("I'll be on a train until four.");
  store.post("The forecast is in `forecast.ipynb`, with last week's data.");
}

/** Kept by an earlier page: the talk, and messages of so many hours ago. */
function withQueue(...hoursAgo: readonly number[]): FakeBrowser {
  const browser = new FakeBrowser();
  const { you, limits, conversation: info } = welcome({ ...room, head: last });
  const { title } = conversation;
  const seen = { head: last, before: null, greetedAt: 0, membersInAll: PEOPLE.length };
  browser.texts.setItem(
    `jupyter_collab:read:http://gallery/:${you.id}:team:${info.epoch}`,
    `${last}`,
  );
  browser.kept = { you, info, limits, title, members: PEOPLE, messages: TALK, ...seen };
  for (const hours of hoursAgo) {
    const text = `Written ${hours} hours ago, and not sent yet.`;
    const command = { type: "post", command_id: text, text, reply_to: null } as const;
    const createdAt = Date.now() - hours * 3_600_000;
    const state = { at: "queued" } as const;
    const until = createdAt + 14 * 86_400_000;
    const made = { command, createdAt, until, after: last, epoch: info.epoch };
    const item = { ...made, inDoubt: false, isConfirmed: false, state };
    browser.items.set(text, item);
  }
  return browser;
}

export const SCENES: Readonly<Record<string, Scene>> = {
  talk: { world: talk },
  many: { world: many },
  "many-asked": { world: { ...many, whoMs: null } },
  "many-refused": { world: { ...many, whoMs: -1 } },
  formulas: { world: { welcome: room, messages: FORMULAS } },
  empty: { world: { welcome: alone, messages: [] } },
  pruned: {
    world: {
      welcome: { ...room, conversation: { ...conversation, floor: 9 } },
      messages: chatter(20),
    },
  },
  loading: { world: talk, connects: false },
  lost: {
    world: talk,
    after: (server) => {
      setTimeout(() => server.lose("waiting"), 100);
    },
  },
  damaged: {
    world: talk,
    after: (server, store) => {
      store.draft.value = "Has anyone seen the forecast?";
      setTimeout(() => server.lose("waiting", DAMAGED), 100);
    },
  },
  "damaged-first": {
    world: talk,
    connects: false,
    after: (server) => server.lose("waiting", DAMAGED),
  },
  restored: {
    world: talk,
    after: (server, store) => {
      setTimeout(() => {
        server.lose("waiting");
        const mine = TALK.findLast(({ author, redacted }) => author === ADA.id && !redacted);
        store.edit(mine?.seq ?? 1, "What I meant to say instead.");
        server.isOpen = true;
        server.restore("e2", TALK.length - 3);
      }, 100);
    },
  },
  failed: {
    world: talk,
    after: (server, store) => {
      setTimeout(() => {
        store.post("/fail This one is too long");
        store.post("/fail and this one as well");
      }, 100);
      const stop = store.messages.subscribe((messages) => {
        if (messages.filter(({ delivery }) => delivery.state === "failed").length < 2) return;
        stop();
        setTimeout(() => {
          server.lose("offline");
          store.post("Written while offline");
        });
      });
    },
  },
  "failed-one": {
    world: talk,
    after: (_server, store) => {
      setTimeout(() => store.post("/fail This one is too long"), 100);
    },
  },
  queued: {
    world: talk,
    browser: new FakeBrowser(),
    after: (server, store) => setTimeout(() => goOffline(server, store), 100),
  },
  "page-only": {
    world: talk,
    after: (server, store) => setTimeout(() => goOffline(server, store), 100),
  },
  old: { world: talk, browser: withQueue(31, 30.9) },
  cached: {
    world: talk,
    connects: false,
    browser: withQueue(0.2),
    after: (server) => server.lose("offline"),
  },
  typing: {
    world: talk,
    after: (server) => {
      setTimeout(() => {
        for (const { id } of [BO, CY, DI]) {
          server.say({ type: "ephemeral", kind: "typing", member: id, active: true, ttl_s: 60 });
        }
      }, 200);
    },
  },
  unread: { world: { welcome: { ...room, read: 75 }, messages: chatter(100) } },
  backlog: { world: { welcome: { ...room, read: 340 }, messages: chatter(500) } },
  absence: { world: { welcome: { ...room, read: 20 }, messages: chatter(500) } },
  history: { world: { welcome: room, messages: chatter(500) } },
  slow: { world: { ...talk, answerMs: null } },
  viewer: {
    world: { welcome: { ...room, you: { ...ADA, role: "viewer" } }, messages: TALK },
  },
  ended: {
    world: talk,
    after: (server) => {
      setTimeout(() => server.end(4003, "You are not signed in."), 200);
    },
  },
  crowd: {
    world: talk,
    after: (server) => {
      setTimeout(() => {
        for (const emoji of "👍🎉😄🚀👀🔥✅💡🐛☕".match(/./gu) ?? []) {
          for (const { id } of [BO, CY, DI]) {
            server.tell(id, { kind: "reacted", body: { target: last, emoji } });
          }
        }
        for (const each of ["Ines", "Jo", "Kim", "Lu"]) {
          const id = `user:${each.toLowerCase()}`;
          const joined = { ...BO, id, name: each, role: "member" } as const;
          server.tell(id, { kind: "joined", body: { member: joined } });
        }
        server.tell(BO.id, { kind: "renamed", body: { title: "Orders review, final" } });
        server.post(DI.id, "Welcome!");
      }, 200);
    },
  },
};
