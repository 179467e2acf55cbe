// What is a formula, and what is only money.

import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "../src/markdown/parse.ts";
import { html } from "./markdown-html.ts";

const shown = (text: string): string => html(parse(text));

test("[UI12] dollars around TeX make a formula, in a line or displayed", () => {
  const cases: [string, string][] = [
    ["so $x^2$.", "<p>so <math>x^2</math>.</p>"],
    ["$a$, $b$ and the $n$th", "<p><math>a</math>, <math>b</math> and the <math>n</math>th</p>"],
    ["**$a*b*c$**", "<p><strong><math>a*b*c</math></strong></p>"],
    ["$a\\$b$", "<p><math>a\\$b</math></p>"],
    ["so $$x$$.", "<p>so <math block>x</math>.</p>"],
    ["$$\\frac1x$$", "<div>\\frac1x</div>"],
    ["- $$x$$", "<ul><li><div>x</div></li></ul>"],
    ["> $$x\n> y$$", "<blockquote><div>x\ny</div></blockquote>"],
    ["|a|\n|-|\n|$x$|", "<tr><td>a</td></tr><tr><td><math>x</math></td></tr>"],
  ];
  for (const [text, expected] of cases) assert.equal(shown(text), expected, text);
});

test("[UI12] in a displayed formula the signs of Markdown are TeX", () => {
  assert.deepEqual(parse("thus\n$$\na_1 *\n- b\n# c\n$$\nand"), [
    { kind: "paragraph", children: [{ kind: "text", text: "thus" }] },
    { kind: "math", tex: "a_1 *\n- b\n# c", isDisplayed: true },
    { kind: "paragraph", children: [{ kind: "text", text: "and" }] },
  ]);
});

test("[UI12] money, variables and lone dollars are text", () => {
  const texts = [
    "$5 and $10",
    "it was $5 (now $7)",
    "$5-$10",
    "$HOME and $PATH",
    "$HOME/$5",
    "$ x$ and $x $",
    "$x$2",
    "$x",
    "$$x",
    "$$x$",
    "$$ $$ $$$$",
    "$$$x$$$",
  ];
  for (const text of texts) assert.equal(shown(text), `<p>${text}</p>`, text);
  assert.equal(shown("$x\ny$"), "<p>$x<br>y$</p>");
  assert.equal(shown("$$\na\n\nb\n$$"), "<p>$$<br>a</p><p>b<br>$$</p>");
});

test("[UI12] escaped dollars are text, and code keeps its own", () => {
  assert.equal(shown("\\$x$ and $x\\$"), "<p>$x$ and $x$</p>");
  assert.equal(shown("`$x$`"), "<p><code>$x$</code></p>");
  assert.equal(shown("$a `b$ c`"), "<p>$a <code>b$ c</code></p>");
  assert.equal(parse("```\n$$\nx\n$$\n```")[0]?.kind, "code");
});

test("[UI12] what is too long to draw is text, one formula or many", () => {
  const long = `$${"x".repeat(2_001)}$`;
  assert.equal(shown(long), `<p>${long}</p>`);
  const many = shown(`$${"x".repeat(1_000)}$ `.repeat(10));
  assert.equal(many.match(/<math>/g)?.length, 7);
  assert.equal(many.match(/\$x/g)?.length, 3);
});
