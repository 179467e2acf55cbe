// Sentences, dates and people, as they are shown.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Member, PresentMember } from "../src/store/conversation.ts";
import { contrast, parseColour } from "../src/ui/contrast.ts";
import { dayLabel, untilMidnight } from "../src/ui/dates.ts";
import { timeAgo } from "../src/ui/panels/ago.ts";
import { colourOf, initials, safePicture, sortPeople } from "../src/ui/people.ts";
import { firstLine, isOnlyEmoji, reactionText, typingText } from "../src/ui/phrases.ts";
import { knownLocale, t } from "../src/ui/text.ts";
import { member } from "./fakes.ts";

test("a text takes its parameters and its plural", () => {
  assert.equal(t("newMessages", 1), "1 new message");
  assert.equal(t("newMessages", 1234), "1,234 new messages");
  assert.equal(t("nowCalled", "%2", "$&"), "%2 is now called $&");
});

test("a language that cannot be read is English", () => {
  assert.equal(knownLocale("de-AT"), "de-AT");
  for (const name of ["", "en_US.utf8", undefined]) assert.equal(knownLocale(name), "en");
});

test("typing names up to three people", () => {
  assert.equal(typingText([]), "");
  assert.equal(typingText(["Bo"]), "Bo is typing…");
  assert.equal(typingText(["Bo", "Cy"]), "Bo and Cy are typing…");
  assert.equal(typingText(["Bo", "Cy", "Di"]), "Bo, Cy and Di are typing…");
  assert.equal(typingText(["Bo", "Cy", "Di", "Eve"]), "Several people are typing…");
});

test("reactions name at most ten people", () => {
  assert.match(
    reactionText(["You (click to remove)", "Bo", "Cy"], "tada"),
    /^You \(click to remove\), Bo and Cy reacted with :tada:$/,
  );
  const many = Array.from({ length: 12 }, (_, index) => `P${index}`);
  assert.match(reactionText(many, "x"), /P9 and 2 others reacted with :x:$/);
});

test("a first line has no Markdown signs and no code fence", () => {
  assert.equal(firstLine("\n> **Hello** `x`\nmore"), "Hello x");
  assert.equal(firstLine("```python\nprint(1)\n```"), "print(1)");
  assert.equal(firstLine("- [see](https://example.org)"), "see");
  assert.equal(firstLine("x".repeat(500)).length, 161);
});

test("only a few emoji and nothing else are drawn large", () => {
  for (const text of ["🎉", "👍🏽 ❤️", "👩‍💻", "🇩🇰🇸🇪"]) assert.ok(isOnlyEmoji(text), text);
  for (const text of ["", "1", "12 3", "a🎉", "🎉🎉🎉🎉", "#"]) assert.ok(!isOnlyEmoji(text), text);
});

test("days are named by how far back they are", () => {
  const now = new Date(2025, 5, 12, 9).getTime() / 1000; // a Thursday
  const on = (...date: [number, number, number]) =>
    dayLabel(new Date(...date).getTime() / 1000, now);
  assert.equal(on(2025, 5, 12), "Today");
  assert.equal(on(2025, 5, 11), "Yesterday");
  assert.equal(on(2025, 5, 6), "Friday");
  assert.equal(on(2025, 5, 5), "Thursday, June 5");
  assert.equal(on(2024, 5, 12), "Wednesday, June 12, 2024");
});

test("the day ends at midnight", () => {
  const evening = new Date(2025, 5, 12, 23, 59, 30).getTime();
  assert.equal(untilMidnight(evening), 30_000);
});

test("the time since someone was seen is told in its largest unit", () => {
  assert.equal(timeAgo(100, 130), "just now");
  assert.equal(timeAgo(0, 3_599), "59 minutes ago");
  assert.equal(timeAgo(0, 7_200), "2 hours ago");
  assert.equal(timeAgo(0, 86_400), "yesterday");
});

test("initials are letters of the first and last word", () => {
  assert.equal(initials("Ada Lovelace"), "AL");
  assert.equal(initials("bo"), "B");
  assert.equal(initials("Jean-Luc de la Tour"), "JT");
  assert.equal(initials("🎉"), "🎉");
  assert.equal(initials("   "), "?");
});

test("a person's colour is always the same and carries white text", () => {
  assert.equal(colourOf("user:ada"), colourOf("user:ada"));
  const ids = Array.from({ length: 200 }, (_, index) => `user:${index}`);
  const colours = new Set(ids.map(colourOf));
  assert.equal(colours.size, 12);
  for (const colour of colours) {
    const [red, green, blue] = (colour.match(/[0-9a-f]{2}/g) ?? []).map((part) =>
      Number.parseInt(part, 16),
    );
    const ground = [red ?? 0, green ?? 0, blue ?? 0, 1] as const;
    assert.ok(contrast([255, 255, 255, 1], ground) >= 4.5, colour);
  }
});

test("a picture is shown only if it needs no request", () => {
  assert.equal(safePicture("data:image/png;base64,AAAA"), "data:image/png;base64,AAAA");
  for (const url of ["/logout", "https://example.org/a.png", "data:image/svg+xml;base64,AA"]) {
    assert.equal(safePicture(url), null);
  }
});

test("people here come by activity, I come last, assistants stand apart", () => {
  const helper: Member = { ...member("assistant:h", "Helper"), kind: "assistant" };
  const people = [
    member("a", "Ada"),
    member("b", "Bo"),
    member("c", "Cy"),
    member("d", "Di"),
    member("e", "Eve"),
    helper,
  ];
  const state = (id: string, name: PresentMember["state"]): [string, PresentMember] => [
    id,
    { id, state: name, connections: 1, last_seen: 5 },
  ];
  const states = [state("a", "active"), state("b", "idle"), state("c", "active")];
  const sorted = sortPeople({
    isPresenceKnown: true,
    members: new Map(people.map((each) => [each.id, each])),
    presence: new Map([...states, state("e", "active")]),
    messages: [
      { author: "e", at: 9 },
      { author: "b", at: 10 },
    ],
    me: "a",
  });
  assert.deepEqual(
    sorted.here.map((person) => person.member.name),
    ["Eve", "Cy", "Bo", "Ada"],
  );
  assert.equal(sorted.assistants.length, 1);
  assert.equal(sorted.away[0]?.member.name, "Di");
});

test("[PR9] without a connection nobody is active or idle, but who was here stays first", () => {
  const people = [member("a", "Ada"), member("b", "Bo"), member("c", "Cy")];
  const here = { state: "active", connections: 1, last_seen: 5 } as const;
  const sorted = sortPeople({
    isPresenceKnown: false,
    members: new Map(people.map((each) => [each.id, each])),
    presence: new Map([
      ["a", { id: "a", ...here }],
      ["b", { id: "b", ...here, state: "idle" }],
    ]),
    messages: [],
    me: "a",
  });
  assert.deepEqual(
    sorted.here.map(({ member, state }) => [member.name, state]),
    [
      ["Bo", "unknown"],
      ["Ada", "unknown"],
    ],
  );
  assert.equal(sorted.away[0]?.state, "offline");
});

test("computed colours are read in both notations", () => {
  assert.deepEqual(parseColour("rgba(1, 2, 3, 0.5)"), [1, 2, 3, 0.5]);
  assert.deepEqual(parseColour("color(srgb 1 0 0.5)"), [255, 0, 127.5, 1]);
  assert.equal(parseColour("transparent"), null);
});
