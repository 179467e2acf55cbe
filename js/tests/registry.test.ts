// One store per conversation and page.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Registry } from "../src/store/registry.ts";
import { FakeClock } from "./fakes.ts";
import { harness } from "./harness.ts";

function made() {
  const clock = new FakeClock();
  const opened: ReturnType<typeof harness>[] = [];
  const open = () => {
    const one = harness();
    opened.push(one);
    return one.store;
  };
  return { clock, opened, open, registry: new Registry(clock) };
}

test("[UI7] two views share a store, which the last one to go closes", () => {
  const { clock, opened, open, registry } = made();
  const first = registry.acquire("team", open);
  const second = registry.acquire("team", open);
  assert.equal(opened.length, 1);
  assert.equal(first.store, second.store);
  first.release();
  first.release(); // once is enough
  clock.pass(10_000);
  assert.equal(opened[0]?.transport.isClosed, false);
  second.release();
  clock.pass(2_000);
  assert.equal(opened[0]?.transport.isClosed, true);
  registry.acquire("team", open);
  assert.equal(opened.length, 2);
});

test("[UI7] running a cell again keeps the connection", () => {
  const { clock, opened, open, registry } = made();
  const lease = registry.acquire("team", open);
  lease.release();
  clock.pass(1_000);
  registry.acquire("team", open);
  clock.pass(10_000);
  assert.equal(opened.length, 1);
  assert.equal(opened[0]?.transport.isClosed, false);
});

test("[UI7] other conversations have their own", () => {
  const { opened, open, registry } = made();
  registry.acquire("team", open);
  registry.acquire("other", open);
  assert.equal(opened.length, 2);
});
