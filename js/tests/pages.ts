// Pages of one person and browser, over scripted transports, that share what is kept.

import { openConversation } from "../src/store/conversation.ts";
import type { Shelf } from "../src/store/kept.ts";
import type { OutboxItem } from "../src/store/outbox-storage.ts";
import { FakeBrowser, FakePage } from "./fake-shelf.ts";
import { ADA, FakeClock, FakeTransport, message, welcome } from "./fakes.ts";

export const DAY = 86_400_000;

/** Lets what is kept be read and written. */
export const settle = () => new Promise((resolve) => setImmediate(resolve));

export interface Options {
  readonly clock?: FakeClock;
  readonly shelf?: () => Promise<Shelf>;
  /** Whom the server takes the browser for, if it can be asked. */
  readonly who?: string | null;
}

let made = 0;

export function openPage(browser: FakeBrowser, options: Options = {}) {
  const { clock = new FakeClock(), who = null } = options;
  const transport = new FakeTransport();
  const page = new FakePage(browser, who);
  const store = openConversation({
    id: "team",
    server: "http://here/",
    client: "web/test",
    transport,
    clock,
    drafts: browser.texts,
    newCommandId: () => `C${++made}`,
    shelf: options.shelf ?? (async () => page),
    renameMe: async () => {},
  });
  return { store, transport, page, clock };
}

export async function openLive(browser: FakeBrowser, options: Options = {}) {
  const opened = openPage(browser, options);
  await settle();
  const hello = opened.transport.open();
  const isResumed = "after" in hello && hello.after !== undefined;
  opened.transport.say(welcome({ head: 2 }));
  if (!isResumed) {
    const messages = [message(1, "hi"), message(2, "hello", ADA.id)];
    opened.transport.say({ type: "snapshot", head: 2, before: null, messages });
  }
  opened.transport.say({ type: "live", head: 2 });
  await settle();
  return { ...opened, hello };
}

export function queued(...written: readonly (readonly [string, number])[]): FakeBrowser {
  const browser = new FakeBrowser();
  for (const [text, createdAt] of written) {
    const command = { type: "post", command_id: `K${text}`, text, reply_to: null } as const;
    const state = { at: "queued" } as const;
    const item: OutboxItem = {
      command,
      createdAt,
      until: createdAt + 14 * DAY,
      after: 0,
      epoch: "e1",
      inDoubt: false,
      isConfirmed: false,
      state,
    };
    browser.items.set(command.command_id, item);
  }
  return browser;
}
