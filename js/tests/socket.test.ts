// Connecting, losing and coming back, with time and network turned by hand.

import assert from "node:assert/strict";
import { test } from "node:test";
import { connect } from "../src/socket/socket.ts";
import { network } from "./fake-network.ts";
import { FakeClock, welcome } from "./fakes.ts";

/** Lets promises go on; nothing here waits for time. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

test("[UI4] greets first, is live with `live`, and answers pings", () => {
  const { last, states, frames } = network();
  last().handlers.opened();
  assert.deepEqual(last().sent, [{ type: "hello", protocol: 1 }]);
  last().say(welcome());
  assert.deepEqual(states(), ["connecting"]);
  last().say({ type: "live", head: 2 });
  assert.deepEqual(states(), ["connecting", "live"]);
  last().say({ type: "ping", n: 7, head: 2, floor: 1 });
  assert.deepEqual(last().sent.at(-1), { type: "pong", n: 7 });
  assert.deepEqual(
    frames.map((frame) => frame.type),
    ["welcome", "live", "ping"],
  );
});

test("[UI4] an unknown frame is ignored", (t) => {
  t.mock.method(console, "warn", () => {});
  const { last, frames } = network();
  last().becomeLive();
  last().say({ type: "unheard-of" });
  assert.equal(frames.length, 2);
});

test("[UI4] waits with full jitter under a bound that doubles from 0.5 s to 30 s", () => {
  const { clock, last, links, sockets } = network({ random: 1 });
  const waits: number[] = [];
  for (let failure = 1; failure <= 8; failure++) {
    last().handlers.closed(1006, "");
    const link = links.at(-1);
    assert.ok(link?.state === "waiting");
    const wait = link.retryAt - clock.now();
    waits.push(wait);
    clock.pass(wait - 1);
    assert.equal(sockets.length, failure);
    clock.pass(1);
    assert.equal(sockets.length, failure + 1);
  }
  assert.deepEqual(waits, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
});

test("[UI4] jitter may be nothing at all", () => {
  const { clock, last, sockets } = network({ random: 0 });
  last().handlers.closed(1006, "");
  clock.pass(0);
  assert.equal(sockets.length, 2);
});

test("[UI4] a steady connection starts the back-off anew, a brief one doesn't", () => {
  const { clock, last, links } = network({ random: 1 });
  const wait = () => {
    const link = links.at(-1);
    assert.ok(link?.state === "waiting");
    const ms = link.retryAt - clock.now();
    clock.pass(ms);
    return ms;
  };
  last().becomeLive();
  last().handlers.closed(1006, "");
  assert.equal(wait(), 500);
  last().becomeLive();
  last().handlers.closed(1006, "");
  assert.equal(wait(), 1_000);
  last().becomeLive();
  clock.pass(5_000);
  last().handlers.closed(1006, "");
  assert.equal(wait(), 500);
});

for (const code of [4000, 4001, 4003, 4004, 4005, 4009, 4010]) {
  test(`[UI4] ${code} ends it, with the server's sentence`, () => {
    const { clock, last, sockets, links, page } = network();
    last().becomeLive();
    last().say({ type: "goodbye", code, message: "Because.", retry_after_s: null });
    last().handlers.closed(code, "short");
    assert.deepEqual(links.at(-1), { state: "ended", code, message: "Because." });
    clock.pass(600_000);
    page.wake();
    assert.equal(sockets.length, 1);
  });
}

test("[UI4] 1009 counts as 4009", () => {
  const { last, links } = network();
  last().becomeLive();
  last().handlers.closed(1009, "message too big");
  assert.deepEqual(links.at(-1), { state: "ended", code: 4009, message: "message too big" });
});

for (const code of [4100, 4101, 4102, 4103, 4104, 1000, 1001, 1006, 1012]) {
  test(`[UI4] ${code} comes back with back-off`, () => {
    const { clock, last, sockets, states } = network();
    last().becomeLive();
    last().handlers.closed(code, "");
    assert.equal(states().at(-1), "waiting");
    assert.equal(sockets.length, 1);
    clock.pass(500);
    assert.equal(states().at(-1), "trying");
    assert.equal(sockets.length, 2);
  });
}

for (const code of [4200, 4201]) {
  test(`[UI4] ${code} comes back at once, but not in a loop`, () => {
    const { last, sockets, states } = network();
    last().becomeLive();
    last().handlers.closed(code, "");
    assert.equal(sockets.length, 2);
    last().handlers.opened();
    last().handlers.closed(code, "");
    assert.equal(states().at(-1), "waiting");
    assert.equal(sockets.length, 2);
  });
}

test("[UI4] 4203 renews the log-in first", async () => {
  const { last, sockets, page } = network();
  last().becomeLive();
  last().handlers.closed(4203, "");
  assert.equal(sockets.length, 1);
  await settle();
  assert.equal(page.probes, 1);
  assert.equal(sockets.length, 2);
});

test("[UI4] 4203 without a log-in any more ends it", async () => {
  const probe = { kind: "refused", code: 4003, message: "You are signed out." } as const;
  const { last, links } = network({ probe });
  last().becomeLive();
  last().handlers.closed(4203, "");
  await settle();
  assert.deepEqual(links.at(-1), { state: "ended", code: 4003, message: "You are signed out." });
});

test("[FO6] a goodbye says when to come back", () => {
  const { clock, last, sockets, links } = network({ random: 0 });
  last().becomeLive();
  last().say({ type: "goodbye", code: 4101, message: "Restarting.", retry_after_s: 4.5 });
  last().handlers.closed(4101, "");
  const link = links.at(-1);
  assert.ok(link?.state === "waiting");
  assert.equal(link.retryAt - clock.now(), 4_500);
  clock.pass(4_500);
  assert.equal(sockets.length, 2);
});

test("[UI4] the server's word for a refusal is told while it is tried again", () => {
  const { clock, last, links } = network({ random: 0 });
  const why = "The database of conversations is damaged.";
  const turnAway = () => {
    last().handlers.opened();
    last().say({ type: "goodbye", code: 4100, message: why, retry_after_s: 2 });
    last().handlers.closed(4100, "");
  };
  const told = () => links.map((link) => ("why" in link ? link.why : null)).at(-1);
  turnAway();
  assert.equal(told(), why);
  clock.pass(2_000);
  assert.deepEqual([links.at(-1)?.state, told()], ["connecting", why]);
  turnAway();
  assert.equal(told(), why);
  clock.pass(2_000);
  last().handlers.closed(1006, "");
  assert.deepEqual([links.at(-1)?.state, told()], ["waiting", undefined]);
});

test("[UI4] who is turned away again and again comes back ever more rarely", () => {
  const { clock, last, links } = network({ random: 1 });
  const waits = Array.from({ length: 6 }, () => {
    last().say({ type: "goodbye", code: 4100, message: "", retry_after_s: 2 });
    last().handlers.closed(4100, "");
    const link = links.at(-1);
    assert.ok(link?.state === "waiting");
    const wait = link.retryAt - clock.now();
    clock.pass(wait);
    return wait;
  });
  assert.deepEqual(waits, [2_000, 2_000, 2_000, 4_000, 8_000, 16_000]);
});

test("[UI4] being back online or in focus tries at once", () => {
  const { last, sockets, page } = network({ random: 1 });
  last().handlers.closed(1006, "");
  page.wake();
  assert.equal(sockets.length, 2);
  page.wake(); // it is trying already
  assert.equal(sockets.length, 2);
});

test("[UI4] what is offline says so, still tries, and comes back", () => {
  const { clock, last, sockets, page, states } = network({ random: 1 });
  last().becomeLive();
  page.isOnline = false;
  page.offline();
  assert.equal(states().at(-1), "offline");
  assert.equal(sockets[0]?.closedWith, 1000);
  clock.pass(500);
  assert.equal(sockets.length, 2);
  assert.equal(states().at(-1), "offline");
  page.isOnline = true;
  page.wake();
  assert.equal(states().at(-1), "trying");
  last().becomeLive();
  assert.equal(states().at(-1), "live");
});

test("[PR3] 30 s without a frame is a dead connection", () => {
  const { clock, last, sockets } = network();
  last().becomeLive();
  clock.pass(29_000);
  last().say({ type: "ping", n: 1, head: 2, floor: 1 });
  clock.pass(29_999);
  assert.equal(sockets.length, 1);
  clock.pass(1);
  assert.equal(sockets[0]?.closedWith, 4200);
  assert.equal(sockets.length, 2);
});

test("[PR3] the heartbeat is the server's", () => {
  const { clock, last, sockets } = network();
  last().handlers.opened();
  last().say(welcome({ heartbeat_s: 2 }));
  last().say({ type: "live", head: 2 });
  clock.pass(3_000);
  assert.equal(sockets[0]?.closedWith, 4200);
});

test("[UI4] a handshake that hangs is given up", () => {
  const { clock, sockets, states } = network();
  clock.pass(15_000);
  assert.notEqual(sockets[0]?.closedWith, null);
  assert.equal(states().at(-1), "waiting");
});

test("[UI4] an earlier connection is not heard any more", () => {
  const { clock, sockets, frames, links, transport } = network();
  sockets[0]?.becomeLive();
  transport.reconnectNow();
  const [count, shown] = [frames.length, links.length];
  sockets[0]?.say({ type: "ping", n: 1, head: 9, floor: 1 });
  sockets[0]?.handlers.closed(4004, "");
  assert.equal(frames.length, count);
  assert.equal(links.length, shown);
  clock.pass(0);
  assert.equal(sockets.length, 2);
});

test("[UI4] a refused handshake is asked about by HTTP: not enabled", async () => {
  const probe = { kind: "refused", code: 404, message: "Not enabled." } as const;
  const { clock, last, links, page, sockets } = network({ probe });
  last().handlers.closed(1006, "");
  assert.equal(page.probes, 0);
  clock.pass(1_000);
  last().handlers.closed(1006, "");
  await settle();
  assert.deepEqual(links.at(-1), { state: "ended", code: 404, message: "Not enabled." });
  clock.pass(60_000);
  assert.equal(sockets.length, 2);
});

test("[UI4] a server that had us, and answers 404 while it restarts, is tried again", async () => {
  const probe = { kind: "refused", code: 404, message: "Not enabled." } as const;
  const { clock, last, states } = network({ probe });
  last().becomeLive();
  for (let refusal = 0; refusal < 4; refusal++) {
    last().handlers.closed(1006, "");
    await settle();
    assert.equal(states().at(-1), "waiting");
    clock.pass(30_000);
  }
});

test("[UI4] a server that can't be reached is tried for ever", async () => {
  const { clock, last, states } = network({ probe: { kind: "unreachable" } });
  for (let refusal = 0; refusal < 50; refusal++) {
    last().handlers.closed(1006, "");
    await settle();
    assert.equal(states().at(-1), "waiting");
    clock.pass(30_000);
  }
});

test("[UI4] after the end, a person may try again", () => {
  const { last, sockets, transport, states } = network();
  last().becomeLive();
  last().handlers.closed(4010, "");
  transport.reconnectNow();
  assert.equal(sockets.length, 2);
  assert.equal(states().at(-1), "trying");
});

test("[UI7] closing closes cleanly and for good", () => {
  const { clock, last, sockets, transport, links } = network();
  last().becomeLive();
  const shown = links.length;
  transport.close();
  assert.equal(sockets[0]?.closedWith, 1000);
  assert.equal(transport.send({ type: "typing", active: true }), false);
  clock.pass(600_000);
  transport.reconnectNow();
  assert.equal(sockets.length, 1);
  assert.equal(links.length, shown);
});

test("[UI4] a page that forbids the socket is no failure of the page", (t) => {
  t.mock.method(console, "warn", () => {});
  const clock = new FakeClock();
  const states: string[] = [];
  const transport = connect("ws://here/socket", {
    clock,
    random: () => 1,
    isOnline: () => true,
    watch: () => () => {},
    open: () => {
      throw new Error("refused by policy");
    },
    probe: async () => ({ kind: "reachable" }),
  });
  transport.start({
    hello: () => ({ type: "hello", protocol: 1 }),
    frame: () => {},
    link: (link) => states.push(link.state),
  });
  clock.pass(10_000);
  assert.ok(states.every((state) => state === "waiting"));
});

test("[UI17] after a night's sleep: one new connection, however many events the page hears", () => {
  const { clock, sockets, page, last, states } = network();
  last().becomeLive();
  clock.pass(20_000);
  last().say({ type: "ping", n: 1, head: 2, floor: 1 });
  clock.sleep(9 * 3_600_000);
  for (let event = 0; event < 5; event++) page.wake(); // online, visible, pageshow, focus twice
  clock.pass(0);
  assert.equal(sockets.length, 2);
  assert.equal(sockets[0]?.closedWith, 4200);
  last().becomeLive();
  clock.pass(10_000);
  page.wake();
  assert.equal(sockets.length, 2);
  assert.deepEqual([...new Set(states())], ["connecting", "live", "trying"]);
});

test("[UI17] asleep while it tried again: the next try is at once, and the only one", () => {
  const { clock, sockets, page, last } = network();
  last().becomeLive();
  page.isOnline = false;
  page.offline();
  clock.sleep(9 * 3_600_000);
  page.isOnline = true;
  for (let event = 0; event < 5; event++) page.wake();
  assert.equal(sockets.length, 2);
  last().becomeLive();
  const live = sockets.length;
  clock.sleep(-3_600_000); // a clock that is set back drops nothing either
  clock.pass(25_000);
  assert.equal(sockets.length, live);
});
