// The parser against CommonMark's own examples, in the sections that chat has. Where we differ, it
// is on purpose, and said here.

import assert from "node:assert/strict";
import { test } from "node:test";
import { tests as examples } from "commonmark-spec";
import { parse } from "../src/markdown/parse.ts";
import { html, normalHtml } from "./markdown-html.ts";

const SECTIONS = new Set([
  "Tabs",
  "Precedence",
  "Thematic breaks",
  "ATX headings",
  "Indented code blocks",
  "Fenced code blocks",
  "Paragraphs",
  "Blank lines",
  "Block quotes",
  "List items",
  "Lists",
  "Inlines",
  "Code spans",
  "Emphasis and strong emphasis",
  "Soft line breaks",
  "Textual content",
]);

const underlined = "a line of dashes is a rule, never an underlined heading";
const unmarked = "a quote or list ends with its last marked line";
const raw = "raw HTML is text";
const trimmed = "white space at the end of a line is dropped";
const DIFFERENT = new Map([
  [6, "half a tab counts as a whole one"],
  [59, underlined],
  [115, underlined],
  [141, underlined],
  [300, underlined],
  [232, unmarked],
  [233, unmarked],
  [236, "after a quote, an indented line is a paragraph"],
  [238, unmarked],
  [247, unmarked],
  [250, unmarked],
  [251, unmarked],
  [290, unmarked],
  [291, unmarked],
  [292, unmarked],
  [293, unmarked],
  [312, unmarked],
  [308, raw],
  [309, raw],
  [317, "there are no link definitions"],
  [334, "a line break between code spans is kept"],
  [335, trimmed],
  [336, trimmed],
  [337, trimmed],
  [344, raw],
  [346, "addresses are shown in their normal form"],
  [475, raw],
  [476, raw],
  [477, raw],
]);

for (const { number, section, markdown, html: expected } of examples) {
  if (!SECTIONS.has(section)) continue;
  const why = DIFFERENT.get(number);
  test(`[UI5] CommonMark ${number}, ${section}${why ? `: ${why}` : ""}`, () => {
    const got = normalHtml(html(parse(withLinks(markdown))));
    const wanted = normalHtml(withLinks(expected));
    if (why === undefined) assert.equal(got, wanted);
    else assert.notEqual(got, wanted);
  });
}

/** Relative addresses are no links here; and the examples write a tab as an arrow. */
function withLinks(text: string): string {
  return text.replaceAll("→", "\t").replace(/(?<![\w/])\/(ur[li])/g, "https://e.x/$1");
}
