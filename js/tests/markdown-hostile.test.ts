// Texts made to be slow, deep or broken. Work is bounded by fuel, so these are tests of the bound;
// the time is generous and only there to catch work that nobody counts.

import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "../src/markdown/parse.ts";
import type { Block, Inline } from "../src/markdown/tree.ts";

const SIZE = 32 * 1024;
const GENEROUS_MS = 2_000;

const fill = (piece: string, before = "", after = ""): string => {
  const room = SIZE - before.length - after.length;
  return before + piece.repeat(Math.floor(room / piece.length)) + after;
};
const lines = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join("\n");

// markdown-it's and cmark's pathological inputs, and our own.
const REPEATED =
  '*|_|~|~~|`|[|]|(|)|<|>|&|#|\\|!|@|"|=|-|+|1. |- |* |> |>|- > |1. > * |\n|\t| |\0|\r| \n|a |a\n|' +
  "*a|**a |a**|a_|_a__b|a*a_a|**x*|*a **a |a**b_c |*_|~~a|a~~b |\\*|![|![[]()|[a](|[a](b|[a](<b|" +
  '[a](b "c|[a](b (|[](|[](( |[a][b]|[ (](|[a]: u\n|[a]: <b> "c|`a``b|```\n|~~~\na\n|a|b|\n|-|\n|' +
  '<!--|<!A |<?|<![CDATA[|<a |<a b|</a|<a href="|<http://a|&amp;|&#|&#x|&a|http://|https://a.b |' +
  "www.|a@|a@b.|a.b-|a+b@c-|# |#|##### |a\n=\n|=\n|* * |- -a|---|- a\n|-\n|1. a\n|- [ ] a\n|    a\n|" +
  "$|$$|$$$|$a|$a$|$$a|$a |$$ a\n|$$\n|$\\|\\$|$a`|$$a$ |> a\n|> a\n\n|a  \n|__a |![a](b |\u200b|\ud800|🎉|e\u0301";

const CASES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    REPEATED.split("|").map((piece) => [`${JSON.stringify(piece)}, repeated`, fill(piece || "|")]),
  ),
  "bars, repeated": fill("|"),
  "cells, repeated": fill("a|"),
  "nested brackets": "[".repeat(SIZE / 2) + "]".repeat(SIZE / 2),
  "brackets, then addresses": fill("[a](") + fill("](u)"),
  "nested strong": "**a ".repeat(4_000) + "a** ".repeat(4_000),
  "nested mixed": "*a **a ".repeat(2_300) + " a** a*".repeat(2_300),
  "nested images": "![".repeat(5_000) + "](http://a)".repeat(2_000),
  "nested quotes": lines(250, (index) => `${">".repeat(index)} a`),
  "nested lists": lines(180, (index) => `${"  ".repeat(index)}- a`),
  "lists in quotes": lines(120, (index) => `${"  ".repeat(index)}- >> a`),
  "backticks of all lengths": lines(250, (index) => `a${"`".repeat(index)}`).replaceAll("\n", ""),
  "a wide and long table": `|${"a|".repeat(5_000)}\n|${"-|".repeat(5_000)}\n${"|\n".repeat(5_000)}`,
  "a long table": `|a|b|\n|-|-|\n${"|x|y|\n".repeat(5_000)}`,
  "spaces in the middle": `a${" ".repeat(SIZE)}b`,
  "spaces at the start": `${" ".repeat(SIZE)}b`,
  "hashes at the end": fill("#", "# a ", "b"),
  "dashes and spaces": fill("- ", "", "a"),
  "a long mail name": `${"a".repeat(SIZE)}@b`,
  "a long mail host": fill("a.", "a@"),
  "a long address": fill("a.", "http://"),
  "parentheses in an address": fill("(", "http://a"),
  "parentheses after an address": fill(")", "http://a"),
  "points after an address": fill("?!.,", "http://a"),
  "entities after an address": fill("&a;", "http://a"),
  "formulas in a row": fill("$x$ "),
  "an open formula of many lines": fill("a\n", "$$\n"),
  "open formulas, each a line": fill("a\n$$ x\n"),
  "a long formula": fill("\\$", "$", "$"),
  "a long title": fill('\\"', '[a](b "'),
  "a long destination": fill("a", "[a]("),
  "a long scheme": fill("a", "<", ":x>"),
};

for (const [name, text] of Object.entries(CASES)) {
  test(`[UI5] ${name}: parsed, or shown plain, in bounded work`, () => {
    const started = performance.now();
    const blocks = parse(text);
    assert.ok(performance.now() - started < GENEROUS_MS);
    const { depth, nodes } = measure(blocks);
    assert.ok(depth <= 16 * 2 + 32 + 4, `depth ${depth}`);
    assert.ok(nodes <= 8_000 + text.length / 10 + 1, `nodes ${nodes}`);
  });
}

test("[UI5] a text that costs too much is shown whole, as it is", () => {
  const text = "- a\n".repeat(8_000);
  assert.deepEqual(parse(text), [{ kind: "code", text, language: "" }]);
});

test("[UI5] every prefix of a text parses", () => {
  const text = `# Title\n\nHello **bold *and* _more_** ~~gone~~ \`code\` [link](https://e.x "t") <https://e.x>
> quote\n> - item\n\n1. one\n   \`\`\`py\n   x = 1\n   \`\`\`\n2. [x] two\n\n| a | b |\n|---|:-:|\n| \`1\` | **2** |
![i](https://e.x/i.png) &amp; ada@e.x www.e.x 🎉\n\n---\n\n    code\n\n~~~\nopen fence`;
  for (let end = 0; end <= text.length; end++) parse(text.slice(0, end));
});

test("[UI5] any mixture of marks parses", () => {
  const marks = [
    "*",
    "**",
    "_",
    "~~",
    "`",
    "[",
    "](https://a.b)",
    "]",
    "(",
    "<",
    ">",
    "\n",
    "\n\n",
    "- ",
    "> ",
    "1. ",
    "    ",
    "a",
    " ",
    "|",
    "|-|",
    "&lt;",
    "\\",
    "#",
    "```\n",
    "![",
    "@b.c",
    "http://a",
    "$",
    "$$",
  ];
  let state = 42;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  for (let round = 0; round < 2_000; round++) {
    const length = Math.floor(random() * 40);
    const text = Array.from({ length }, () => marks[Math.floor(random() * marks.length)]).join("");
    measure(parse(text));
  }
});

function measure(blocks: readonly Block[]): { depth: number; nodes: number } {
  let nodes = 0;
  const deepest = (depths: readonly number[]): number =>
    1 + depths.reduce((a, b) => Math.max(a, b), 0);
  const ofInline = (node: Inline): number => {
    nodes += 1;
    return "children" in node ? deepest(node.children.map(ofInline)) : 1;
  };
  const ofBlock = (block: Block): number => {
    nodes += 1;
    switch (block.kind) {
      case "paragraph":
      case "heading":
        return deepest(block.children.map(ofInline));
      case "quote":
        return deepest(block.children.map(ofBlock));
      case "list":
        nodes += block.items.length;
        return deepest(block.items.map((item) => deepest(item.children.map(ofBlock))));
      case "table":
        nodes += block.rows.length + [block.head, ...block.rows].flat().length;
        return deepest(
          [block.head, ...block.rows].flat().map((cell) => deepest(cell.children.map(ofInline))),
        );
      default:
        return 1;
    }
  };
  const depth = deepest(blocks.map(ofBlock));
  return { depth, nodes };
}
