// Colours for code: the text stays what it was, and no code takes long.

import assert from "node:assert/strict";
import { test } from "node:test";
import { highlight } from "../src/chunks/highlight.ts";
import type { TokenNode } from "../src/chunks/types.ts";

const textOf = (nodes: readonly TokenNode[]): string =>
  nodes.map((node) => (typeof node === "string" ? node : textOf(node.children))).join("");
const depthOf = (nodes: readonly TokenNode[]): number =>
  nodes.reduce(
    (most, node) => Math.max(most, typeof node === "string" ? 0 : 1 + depthOf(node.children)),
    0,
  );

const LANGUAGES =
  "python py r sql bash sh json yaml javascript js typescript ts html xml css markdown c cpp c++ " +
  "java go rust julia latex diff ini toml dockerfile";

test("[UI5] Python has colours", () => {
  const tokens = highlight('def f():\n    return "x"', "python");
  assert.deepEqual(tokens?.[0], { className: "hljs-keyword", children: ["def"] });
});

for (const language of LANGUAGES.split(" ")) {
  test(`[UI5] ${language}: coloured code is the same text`, () => {
    const code = 'a = {"b": [1, <c>, "d"]} # &amp; <script>x</script>\n-- $e \\f{g}\n\ud83c\udf89';
    assert.equal(textOf(highlight(code, language) ?? []), code);
  });
}

test("[UI5] a language within another brings no class of its own", () => {
  const classesOf = (nodes: readonly TokenNode[]): readonly string[] =>
    nodes.flatMap((node) =>
      typeof node === "string" ? [] : [node.className, ...classesOf(node.children)],
    );
  const classes = classesOf(highlight("<script>let x = 1</script>", "html") ?? []);
  assert.ok(classes.includes("hljs-keyword"));
  assert.ok(classes.every((each) => each.startsWith("hljs-")));
});

test("[UI5] an unknown language stays plain, and names are not looked up as properties", () => {
  assert.equal(highlight("x", "klingon"), null);
  assert.equal(highlight("x", "constructor"), null);
  assert.equal(highlight("x", "__proto__"), null);
});

test("[UI5] code that could take long stays plain", () => {
  assert.equal(highlight("a\n".repeat(5_000), "python"), null);
  assert.equal(highlight("a".repeat(301), "cpp"), null);
  assert.equal(highlight("<script>\n".repeat(100), "html"), null);
});

test("[UI5] deep nesting is flattened", () => {
  const code = "(\n".repeat(3_000);
  for (const language of ["bash", "ruby", "r", "javascript", "julia"]) {
    const tokens = highlight(code, language) ?? [];
    assert.equal(textOf(tokens), code);
    assert.ok(depthOf(tokens) <= 9);
  }
});
