// The emoji chunk offers only what the server takes.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { emojiTable } from "../emoji-table.mjs";
import { python } from "../scripts/python.mjs";
import { makeIndex } from "../src/chunks/emoji-index.ts";

const index = makeIndex(emojiTable());
const all = index.groups.flatMap((group) => group.emoji);

test("[RU8] every emoji, in every tone, is one that the server takes as a reaction", () => {
  const program = `
import json, sys, emoji
print(json.dumps([e for e in json.load(sys.stdin) if not emoji.is_emoji(e) or len(e) > 50]))`;
  const input = JSON.stringify(all.flatMap(({ emoji, tones }) => [emoji, ...tones]));
  const refused = execFileSync(python(), ["-c", program], { input, encoding: "utf8" });
  assert.deepEqual(JSON.parse(refused), []);
  assert.ok(all.length > 1_500);
});

test("[RU8] no emoji is offered twice, and each has a name and a shortcode", () => {
  assert.equal(new Set(all.map(({ emoji }) => emoji)).size, all.length);
  assert.ok(all.every(({ name, shortcode }) => name !== "" && /^[\w+-]+$/.test(shortcode)));
});

test("[RU8] groups are the keyboard's, with names for people", () => {
  assert.deepEqual(
    index.groups.map(({ name }) => name),
    [
      "Smileys & emotion",
      "People & body",
      "Animals & nature",
      "Food & drink",
      "Travel & places",
      "Activities",
      "Objects",
      "Symbols",
      "Flags",
    ],
  );
});

test("[RU8] search finds by shortcode, name and keyword, the best first", () => {
  const first = (query: string) => index.search(query)[0]?.emoji;
  assert.equal(first("tada"), "🎉");
  assert.equal(first(":+1:"), "👍");
  assert.equal(first("red heart"), "❤️");
  assert.equal(first("Rocket"), "🚀");
  assert.ok(index.search("party").some(({ emoji }) => emoji === "🎉"));
  assert.ok(index.search("e").length <= 60);
  assert.deepEqual(index.search("  "), []);
  assert.deepEqual(index.search("(["), []);
});

test("[RU8] an emoji is found by itself, its tones and any of its shortcodes", () => {
  const thumb = index.named("thumbsup");
  assert.equal(thumb?.emoji, "👍");
  assert.equal(thumb?.shortcode, "+1");
  assert.equal(thumb?.tones.length, 5);
  assert.equal(index.find("👍🏿"), thumb);
  assert.equal(index.find("x"), undefined);
  assert.equal(index.named("constructor"), undefined);
});
