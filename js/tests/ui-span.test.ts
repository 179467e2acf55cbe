// Which messages are in the page.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as spans from "../src/ui/span.ts";

const seqs = Array.from({ length: 1000 }, (_, index) => 2 * index + 1); // edits take the others
const count = (span: spans.Span): number =>
  seqs.filter((seq) => seq >= span.from && seq <= span.to).length;

test("the newest messages are open to what comes next", () => {
  const span = spans.newest(seqs);
  assert.equal(count(span), 100);
  assert.equal(span.to, Number.POSITIVE_INFINITY);
  assert.ok(spans.hasAbove(span, seqs));
  assert.ok(!spans.hasBelow(span, seqs));
});

test("growing up to the oldest and down again never shows more than 300", () => {
  let span = spans.newest(seqs);
  for (let step = 0; spans.hasAbove(span, seqs); step += 1) {
    span = spans.growUp(span, seqs);
    assert.ok(count(span) <= spans.MAX_SHOWN && step < 30);
  }
  assert.equal(span.from, 1);
  assert.ok(spans.hasBelow(span, seqs));
  for (let step = 0; spans.hasBelow(span, seqs); step += 1) {
    span = spans.growDown(span, seqs);
    assert.ok(count(span) <= spans.MAX_SHOWN && step < 30);
  }
  assert.equal(span.to, Number.POSITIVE_INFINITY);
});

test("growing keeps what was in view", () => {
  const span = spans.around(seqs, 1001);
  const grown = spans.growUp(span, seqs);
  assert.ok(grown.from < span.from && grown.to === span.to);
  assert.equal(count(grown), count(span) + spans.STEP);
});

test("arriving messages push out those far from the reader", () => {
  const all = { from: 1, to: Number.POSITIVE_INFINITY };
  assert.equal(spans.trim(all, seqs, "end").to, all.to);
  assert.equal(count(spans.trim(all, seqs, "end")), spans.MAX_SHOWN);
  assert.equal(spans.trim(all, seqs, "start").from, 1);
  assert.equal(count(spans.trim(all, seqs, "start")), spans.MAX_SHOWN);
});

test("a span of a deleted message still stands", () => {
  const without = seqs.filter((seq) => seq !== 1801);
  const span = { from: 1801, to: Number.POSITIVE_INFINITY };
  assert.ok(spans.hasAbove(span, without));
  assert.equal(spans.growUp(span, without).from, 1701);
});
