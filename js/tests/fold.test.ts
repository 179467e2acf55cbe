// The fold, from the fixtures that Python's twin is held to as well.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import type { Entry, Member, Message } from "../src/protocol/types.generated.ts";
import { type ConversationState, EMPTY, fold } from "../src/store/fold.ts";

interface Shown {
  readonly head: number;
  readonly title: string;
  readonly messages: readonly Message[];
  readonly members: readonly Member[];
}
interface Case {
  readonly start: Shown | null;
  readonly entries: readonly Entry[];
  readonly expected: Shown;
}

const FIXTURES = new URL("../../tests/fixtures/folds/", import.meta.url);
const names = readdirSync(FIXTURES).filter((name) => name.endsWith(".json"));
const cases = names.map((name): [string, Case] => [
  name,
  JSON.parse(readFileSync(new URL(name, FIXTURES), "utf8")),
]);

test("there are fixtures", () => assert.ok(cases.length > 10));

for (const [name, { start, entries, expected }] of cases) {
  test(`[UI1] [LG7] ${name}: folds as on the server`, () => {
    assert.deepEqual(shown(fold(entries, stateOf(start))), expected);
  });
  test(`[LG8] ${name}: what is folded already changes nothing`, () => {
    const once = fold(entries, stateOf(start));
    assert.deepEqual(shown(fold(entries, once)), shown(once));
  });
  test(`[LG8] ${name}: a snapshot anywhere and its tail give the same`, () => {
    for (let cut = 0; cut <= entries.length; cut++) {
      const snapshot = shown(fold(entries.slice(0, cut), stateOf(start)));
      assert.deepEqual(shown(fold(entries.slice(cut), stateOf(snapshot))), expected);
    }
  });
}

test("[LG9] an entry of an unknown kind only advances the head", () => {
  const state = fold([{ kind: "pinned", seq: 1 }]);
  assert.deepEqual(state, { ...EMPTY, head: 1 });
});

test("[LG1] a gap is a bug of the caller", () => {
  assert.throws(() => fold([{ kind: "pinned", seq: 2 }]), /gap: 0 then 2/);
});

function stateOf(start: Shown | null): ConversationState {
  if (start === null) return EMPTY;
  return {
    head: start.head,
    title: start.title,
    messages: new Map(start.messages.map((message) => [message.seq, message])),
    members: new Map(start.members.map((member) => [member.id, member])),
  };
}

function shown(state: ConversationState): Shown {
  const { head, title } = state;
  return {
    head,
    title,
    messages: [...state.messages.values()],
    members: [...state.members.values()],
  };
}
