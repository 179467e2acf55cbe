// What the composer does with a text.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Change, fence, looksLikeCode, type Selected, wrap } from "../src/ui/compose.ts";
import { favourites, NO_HABITS, readHabits, used } from "../src/ui/emoji-habits.ts";
import { askedEmoji, nameToEmoji } from "../src/ui/emoji-text.ts";
import { roomLeft } from "../src/ui/text-length.ts";

/** `|` marks the selection's ends. */
function selected(marked: string): Selected {
  const start = marked.indexOf("|");
  const end = marked.lastIndexOf("|") - 1;
  return { text: marked.replaceAll("|", ""), start, end };
}

function after({ text }: Selected, { from, to, insert, start, end }: Change): string {
  const changed = text.slice(0, from) + insert + text.slice(to);
  return `${changed.slice(0, start)}|${changed.slice(start, end)}|${changed.slice(end)}`;
}

const wrapped = (marked: string, kind: Parameters<typeof wrap>[1]): string =>
  after(selected(marked), wrap(selected(marked), kind));

test("wrapping marks the selection, and takes the marks away again", () => {
  assert.equal(wrapped("a |b| c", "bold"), "a **|b|** c");
  assert.equal(wrapped("a **|b|** c", "bold"), "a |b| c");
  assert.equal(wrapped("||", "italic"), "*||*");
  assert.equal(wrapped("**|b|**", "italic"), "***|b|***");
  assert.equal(wrapped("***|b|***", "italic"), "**|b|**");
  assert.equal(wrapped("***|b|***", "bold"), "*|b|*");
  assert.equal(wrapped("|x|", "code"), "`|x|`");
  assert.equal(wrapped("see |this|", "link"), "see [this](https://||)");
});

test("several lines of code go into a block, with enough ticks", () => {
  assert.equal(wrapped("|a\nb|", "code"), "```\na\nb\n```\n||");
  const text = "x ```\ny";
  const change = fence({ text, start: 2, end: text.length });
  assert.equal(change.insert, "\n````\n```\ny\n````\n");
});

test("pasted code is recognised, prose is not", () => {
  assert.ok(looksLikeCode("def f(x):\n    return x\n\nprint(f(1))"));
  assert.ok(looksLikeCode("SELECT a\nFROM b\nWHERE c = 1"));
  assert.ok(!looksLikeCode("One line(1)"));
  assert.ok(!looksLikeCode("Dear all,\nthe meeting is at noon.\nBest, Bo"));
});

test("a colon after a space asks for an emoji", () => {
  assert.deepEqual(askedEmoji("hi :ta", 6), { query: "ta", start: 3 });
  assert.equal(askedEmoji("at 10:30", 8), null);
  assert.equal(askedEmoji("hi :t", 5), null);
  assert.equal(askedEmoji("hi :tada done", 13), null);
});

test("names become emoji, but not in code", () => {
  const find = (name: string) => (name === "tada" ? "🎉" : undefined);
  assert.equal(nameToEmoji("a :tada: `:tada:` :nope:", find), "a 🎉 `:tada:` :nope:");
  assert.equal(nameToEmoji("```\n:tada:\n```", find), "```\n:tada:\n```");
});

test("the counter shows from 90 % on and says how much is too much", () => {
  assert.deepEqual(roomLeft("x".repeat(89), 100), { state: "plenty" });
  assert.deepEqual(roomLeft("x".repeat(90), 100), { state: "little", left: 10 });
  assert.deepEqual(roomLeft("я".repeat(46), 100), { state: "little", left: 4 });
  assert.deepEqual(roomLeft("x".repeat(103), 100), { state: "over", by: 3 });
  assert.deepEqual(roomLeft("🎉".repeat(26), 100), { state: "over", by: 1 });
});

test("the most used emoji come first, filled up with common ones", () => {
  let habits = NO_HABITS;
  for (const emoji of ["🚀", "🐛", "🚀"]) habits = used(habits, emoji);
  assert.deepEqual(habits.recent, ["🚀", "🐛"]);
  assert.deepEqual(favourites(habits), ["🚀", "🐛", "👍"]);
  assert.deepEqual(readHabits(JSON.stringify(habits)), habits);
});

test("habits of another shape are forgotten", () => {
  assert.deepEqual(readHabits("[1]"), NO_HABITS);
  assert.deepEqual(readHabits('{"recent":[1],"counts":{"x":"y"},"tone":9}'), NO_HABITS);
});
