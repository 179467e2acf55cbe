// The way through the kernel: what the page says over the comm, and what it makes of the answers.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Link, TransportListener } from "../src/protocol/transport.ts";
import { relayEnvironment } from "../src/socket/relay.ts";
import { connect } from "../src/socket/socket.ts";
import { FakeClock, welcome } from "./fakes.ts";

type Content = Readonly<Record<string, unknown>>;

/** The page's end of a kernel, and a page whose conversation comes through it. */
class Page {
  readonly clock = new FakeClock();
  readonly said: Content[] = [];
  readonly heard: string[] = [];
  readonly links: Link[] = [];
  readonly hearers = new Set<(content: Content) => void>();
  isBusy = false;
  isGone = false;
  readonly transport;

  constructor() {
    let names = 0;
    const comm = {
      send: (content: Content) => {
        if (this.isGone) throw new Error("Cannot send");
        this.said.push(content);
      },
      on: (_: "msg:custom", hear: (content: Content) => void) => void this.hearers.add(hear),
      off: (_: "msg:custom", hear: (content: Content) => void) => void this.hearers.delete(hear),
    };
    const busy = (isBusy: boolean) => {
      this.isBusy = isBusy;
    };
    const kernel = { comm, clock: this.clock, newName: () => `C${++names}`, busy };
    this.transport = connect(
      "team",
      relayEnvironment(kernel, () => () => {}),
    );
    const listener: TransportListener = {
      hello: () => ({ type: "hello", protocol: 1, client: "web/test" }),
      frame: (frame) => void this.heard.push(frame.type),
      link: (link) => void this.links.push(link),
    };
    this.transport.start(listener);
  }

  tell(connection: string, kind: string, fields: Content = {}): void {
    for (const hear of [...this.hearers]) hear({ type: "relay", connection, kind, ...fields });
  }

  live(connection: string): void {
    this.tell(connection, "took", { n: 0 });
    this.tell(connection, "opened");
    this.tell(connection, "took", { n: 1 });
    this.tell(connection, "frame", { data: JSON.stringify(welcome()) });
    this.tell(connection, "frame", { data: '{"type":"live","head":2}' });
  }

  get link(): string | undefined {
    return this.links.at(-1)?.state;
  }
}

test("frames go both ways as they are, and each has its number", () => {
  const page = new Page();
  page.live("C1");
  page.transport.send({ type: "typing", active: true });
  assert.deepEqual(page.heard, ["welcome", "live"]);
  assert.equal(page.link, "live");
  const [open, hello, typing] = page.said;
  assert.deepEqual(open, {
    type: "relay",
    connection: "C1",
    kind: "open",
    conversation: "team",
  });
  assert.equal(hello?.["n"], 1);
  assert.deepEqual(typing, {
    type: "relay",
    connection: "C1",
    kind: "frame",
    n: 2,
    data: '{"type":"typing","active":true}',
  });
});

test("other connections of the kernel are none of its business", () => {
  const page = new Page();
  page.tell("C9", "opened");
  page.tell("C9", "frame", { data: '{"type":"live","head":2}' });
  assert.deepEqual(page.heard, []);
  assert.equal(page.link, "connecting");
});

test("a kernel that takes nothing for 4 s is busy until it takes everything", () => {
  const page = new Page();
  page.clock.pass(3_999);
  assert.equal(page.isBusy, false);
  page.clock.pass(1);
  assert.equal(page.isBusy, true);
  page.live("C1");
  assert.equal(page.isBusy, false);
  page.transport.send({ type: "typing", active: true });
  page.transport.send({ type: "typing", active: false });
  page.tell("C1", "took", { n: 2 });
  page.clock.pass(4_000);
  assert.equal(page.isBusy, true);
  page.tell("C1", "took", { n: 3 });
  assert.equal(page.isBusy, false);
  page.clock.pass(10_000);
  assert.equal(page.isBusy, false);
});

test("a lost connection is opened again under another name", () => {
  const page = new Page();
  page.live("C1");
  page.tell("C1", "closed", { code: 1006, reason: "" });
  page.clock.pass(1_000);
  assert.equal(page.said.at(-1)?.["connection"], "C2");
  assert.equal(page.said.at(-1)?.["kind"], "open");
  page.live("C2");
  assert.equal(page.link, "live");
  assert.equal(page.hearers.size, 1);
});

test("what the kernel can't reach ends it, with its words", () => {
  const page = new Page();
  page.tell("C1", "closed", { code: 4004, reason: "Set a token." });
  page.clock.pass(0);
  assert.deepEqual(page.links.at(-1), { state: "ended", code: 4004, message: "Set a token." });
});

test("a page that goes says so, and hears nothing more", () => {
  const page = new Page();
  page.live("C1");
  page.transport.close();
  assert.deepEqual(page.said.at(-1), { type: "relay", connection: "C1", kind: "close", n: 2 });
  assert.equal(page.hearers.size, 0);
});

test("a comm that is closed is a lost connection, not a busy kernel", () => {
  const page = new Page();
  page.live("C1");
  page.isGone = true;
  page.transport.send({ type: "typing", active: true });
  assert.equal(page.link, "live");
  page.clock.pass(0);
  assert.equal(page.link, "waiting");
  page.clock.pass(60_000);
  assert.equal(page.isBusy, false);
});
