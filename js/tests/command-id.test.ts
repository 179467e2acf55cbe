import assert from "node:assert/strict";
import { test } from "node:test";
import { ulidMaker } from "../src/store/command-id.ts";

const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/; // as the server checks it

function maker(byte: number) {
  const clock = { ms: 1_469_918_176_385 };
  const make = ulidMaker(
    () => clock.ms,
    (bytes) => void bytes.fill(byte),
  );
  return { clock, make };
}

test("[LG3] an id has its time first, as the specification's example", () => {
  assert.match(maker(7).make(), /^01ARYZ6S41/);
});

test("[LG3] ids are well-formed and ascend, also within a millisecond and when the clock steps back", () => {
  const { clock, make } = maker(255);
  const ids: string[] = [];
  for (let round = 0; round < 2_000; round++) {
    if (round === 500) clock.ms += 1;
    if (round === 1_000) clock.ms -= 5_000;
    ids.push(make());
  }
  assert.ok(ids.every((id) => ULID.test(id)));
  assert.deepEqual([...ids].sort(), ids);
  assert.equal(new Set(ids).size, ids.length);
});
