// What is said of the connection and to a screen reader, where panels go, what can be read.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Link } from "../src/store/conversation.ts";
import { dueIn, hear, SILENT, say } from "../src/ui/announcements.ts";
import { bannerOf, isUneasy, NO_OUTAGE, nextOutage } from "../src/ui/banner.ts";
import { contrast, type Rgba, readable, textOn } from "../src/ui/contrast.ts";
import { place } from "../src/ui/place.ts";
import { takeBack } from "../src/ui/reload.ts";
import { live, texts } from "./harness.ts";

const LIVE: Link = { state: "live", since: 0, resumed: true };
const WAITING: Link = { state: "waiting", since: 0, retryAt: 9_500 };

test("a short break is not shown, a longer one is, and its end too", () => {
  const outage = nextOutage(NO_OUTAGE, WAITING, 1_000);
  assert.equal(bannerOf(WAITING, outage, 3_900), null);
  assert.equal(bannerOf(WAITING, outage, 4_000)?.text, "Connection lost. Trying again in 6 s.");
  const back = nextOutage(outage, LIVE, 9_000);
  assert.equal(bannerOf(LIVE, back, 10_900)?.text, "Back online");
  assert.equal(bannerOf(LIVE, back, 11_000), null);
  assert.equal(bannerOf(LIVE, nextOutage(outage, LIVE, 2_000), 2_000), null);
});

test("a short time without a network is not shown either", () => {
  const offline: Link = { state: "offline", since: 0 };
  const outage = nextOutage(NO_OUTAGE, offline, 1_000);
  assert.equal(bannerOf(offline, outage, 3_900), null);
  assert.match(bannerOf(offline, outage, 4_000)?.text ?? "", /^You're offline/);
});

test("[UI16] a first connection that takes its time is told where messages are shown without", () => {
  const connecting: Link = { state: "connecting", since: 1_000 };
  assert.equal(bannerOf(connecting, NO_OUTAGE, 3_900), null);
  assert.equal(bannerOf(connecting, NO_OUTAGE, 4_000)?.said, "Connection lost.");
});

test("[UI4] the server's own sentence, when it is tried again, and that one's text is kept", () => {
  const why = "The database of conversations is damaged.";
  const outage = nextOutage(NO_OUTAGE, WAITING, 1_000);
  const said = (link: Link, hasText: boolean) => bannerOf(link, outage, 4_000, hasText);
  const waiting = { ...WAITING, why };
  assert.equal(said(waiting, false)?.text, `${why} Trying again in 6 s.`);
  assert.equal(said(waiting, true)?.text, `${why} Your text is kept. Trying again in 6 s.`);
  assert.equal(said(waiting, false)?.label, "Retry now");
  const trying: Link = { state: "trying", since: 0, why };
  assert.equal(said(trying, false)?.text, `${why} Trying again…`);
  assert.equal(said(WAITING, true)?.said, "Connection lost.");
});

test("what counts down is not said", () => {
  const outage = nextOutage(NO_OUTAGE, WAITING, 1_000);
  for (const now of [4_000, 5_000]) {
    assert.equal(bannerOf(WAITING, outage, now)?.said, "Connection lost.");
  }
});

test("the clock is watched only while the line may change by itself", () => {
  const outage = nextOutage(NO_OUTAGE, WAITING, 1_000);
  assert.ok(isUneasy(WAITING, outage, 1_000));
  const back = nextOutage(outage, LIVE, 9_000);
  assert.ok(isUneasy(LIVE, back, 10_900));
  assert.ok(!isUneasy(LIVE, back, 11_000));
  assert.ok(!isUneasy({ state: "ended", code: 4010, message: "" }, outage, 9_000));
});

test("an ended connection says why and what to do", () => {
  const ended = (code: number) =>
    bannerOf({ state: "ended", code, message: "The conversation is full." }, NO_OUTAGE, 0);
  assert.equal(ended(4001)?.action, "reload");
  assert.equal(ended(4003)?.label, "Sign in");
  assert.equal(ended(4005)?.text, "The conversation is full. Your text is kept.");
  assert.equal(ended(4010)?.action, "close");
});

test("before a reload, what was not sent goes into the composer", () => {
  const { store, drafts, transport } = live();
  transport.lose();
  transport.show({ state: "ended", code: 4003, message: "" });
  store.post("one");
  store.post("two");
  store.draft.value = "three";
  takeBack(store);
  store.flush();
  assert.deepEqual([...drafts.texts.values()], ["one\n\ntwo\n\nthree"]);
  assert.deepEqual(texts(store), ["hi", "hello"]);
});

test("one message is read out, a burst is counted, two seconds lie between", () => {
  let speech = hear(SILENT, [{ author: "Bo", text: "hi" }]);
  assert.equal(dueIn(speech, 5_000), 0);
  const [first, rest] = say(speech, 5_000);
  assert.equal(first, "Bo: hi");
  speech = hear(hear(rest, [{ author: "Bo", text: "a" }]), [{ author: "Cy", text: "b" }]);
  assert.equal(dueIn(speech, 6_000), 1_000);
  assert.equal(say(speech, 7_000)[0], "2 new messages");
  assert.equal(dueIn(say(speech, 7_000)[1], 9_000), null);
});

const REQUEST = {
  anchor: { x: 100, y: 100, width: 20, height: 20 },
  size: { width: 200, height: 150 },
  window: { width: 800, height: 600 },
  side: "below",
  align: "start",
  rtl: false,
} as const;

test("a panel stands on the wanted side, or on the other if that has more room", () => {
  assert.deepEqual(place(REQUEST), { x: 100, y: 124, side: "below", maxHeight: 468 });
  assert.equal(place({ ...REQUEST, side: "above" }).side, "below");
  const low = { ...REQUEST.anchor, y: 560 };
  assert.equal(place({ ...REQUEST, anchor: low }).y, 406);
});

test("a panel never leaves the window", () => {
  const right = place({ ...REQUEST, anchor: { ...REQUEST.anchor, x: 790 } });
  assert.equal(right.x, 592);
  const tall = place({ ...REQUEST, size: { width: 200, height: 900 } });
  assert.ok(tall.y >= 8 && tall.maxHeight <= 584);
});

test("alignment follows the reading direction", () => {
  const end = place({ ...REQUEST, anchor: { ...REQUEST.anchor, x: 400 }, align: "end" });
  const mirrored = place({ ...REQUEST, anchor: { ...REQUEST.anchor, x: 400 }, rtl: true });
  assert.equal(end.x, mirrored.x);
});

test("text on an accent and accents as text can be read", () => {
  const blue: Rgba = [33, 150, 243, 1]; // the bright blue of JupyterLab's dark theme
  assert.ok(contrast(textOn(blue), blue) >= 4.5);
  const middle: Rgba = [120, 120, 120, 1]; // too light for white, too dark for anything but black
  assert.ok(contrast(textOn(middle), middle) >= 4.5);
  const ground: Rgba = [66, 66, 66, 1];
  assert.ok(contrast(readable(blue, [224, 224, 224, 1], [ground]), ground) >= 4.5);
});
