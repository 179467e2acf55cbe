// TeX to MathML: what is drawn, and that nothing hostile is.

import assert from "node:assert/strict";
import { test } from "node:test";
import { draw } from "../src/chunks/math.ts";
import type { MathNode } from "../src/chunks/types.ts";

const { raw } = String;

function drawn(tex: string): readonly (MathNode | string)[] {
  const result = draw(tex, true);
  assert.equal(result.kind, "drawn", `${tex.slice(0, 80)}: ${JSON.stringify(result)}`);
  return result.kind === "drawn" ? result.children : [];
}

function nodesIn(children: readonly (MathNode | string)[]): readonly MathNode[] {
  return children.flatMap((child) =>
    typeof child === "string" ? [] : [child, ...nodesIn(child.children)],
  );
}

function depthOf(children: readonly (MathNode | string)[]): number {
  const depths = children.map((child) =>
    typeof child === "string" ? 0 : 1 + depthOf(child.children),
  );
  return depths.reduce((most, depth) => Math.max(most, depth), 0);
}

function markup(children: readonly (MathNode | string)[]): string {
  const each = (child: MathNode | string): string =>
    typeof child === "string" ? child : `<${child.tag}>${markup(child.children)}</${child.tag}>`;
  return children.map(each).join("");
}

test("[UI12] TeX becomes MathML", () => {
  assert.equal(
    markup(drawn(raw`\frac{x^{10}}{2}`)),
    "<mfrac><msup><mi>x</mi><mn>10</mn></msup><mn>2</mn></mfrac>",
  );
});

test("[UI12] what people write about data and proofs is drawn", () => {
  const formulas = [
    raw`\begin{aligned} L(\beta) &= \sum_{i=1}^{n} (y_i - x_i^\top \beta)^2 \\ &= \lVert y \rVert \end{aligned}`,
    raw`\begin{pmatrix} a & b \\ c & d \end{pmatrix} \left[\begin{array}{c|c} 1 & 2 \\ \hline 3 & 4 \end{array}\right]`,
    raw`f(x) = \begin{cases} 1 & \text{if } x > 0 \\ 0 & \text{otherwise} \end{cases} \tag{1}`,
    raw`\mathbb{R}^n \mathcal{L} \mathbf{x} \boldsymbol{\theta} \operatorname{softmax} \hat{y} \vec{v}`,
    raw`\int_0^\infty e^{-x^2}\,dx = \frac{\sqrt{\pi}}{2}, \lim_{x \to 0}, \binom{n}{k}, \boxed{42}`,
    raw`\underbrace{a+b}_{c} \xrightarrow{f} \overline{AB} \cancel{x} \not\in a \\def`,
    raw`{}_1^2X \sideset{_a}{^b}\sum \prescript{1}{2}{X}`,
  ];
  for (const tex of formulas) drawn(tex);
});

test("[UI12] boxes, lines of arrays and rules keep their look, by values of known forms", () => {
  const [box] = nodesIn(drawn(raw`\boxed{x}`));
  assert.deepEqual(box?.style, { padding: "3pt", border: "1px solid" });
  const [rule] = nodesIn(drawn(raw`\rule{1em}{2em}`));
  assert.deepEqual(rule?.attributes, { width: "1em", height: "2em" });
  assert.equal(rule?.className, "jc-Math-rule");
});

test("[UI12] commands that lead out of the formula or define are refused, with the reason", () => {
  const cases: [string, RegExp][] = [
    [raw`\href{javascript:alert(1)}{x}`, /\\href/],
    [raw`\url{javascript:alert(1)}`, /\\url/],
    [raw`\includegraphics{https://evil.example/x.png}`, /\\includegraphics/],
    [raw`\htmlClass{jp-Dialog}{x}`, /\\htmlClass/],
    [raw`\class{jp-Dialog}{x}`, /\\class/],
    [raw`\id{jc-canary}{x}`, /\\id/],
    [raw`\style{position:fixed}{x}`, /\\style/],
    [raw`\data{x=y}{x}`, /\\data/],
    [raw`\def\a{\a\a}\a`, /^\\def is not allowed/],
    [raw`\\\gdef\a{b}`, /^\\gdef is not allowed/],
    [raw`\newcommand{\a}{b}\a`, /^\\newcommand is not allowed/],
    [raw`\let\a=b`, /^\\let is not allowed/],
    [raw`\tag{x}\df@tag`, /^\\df@tag is not allowed/],
    [raw`\ce{H2O}`, /^\\ce is not allowed/],
    [raw`\toggle{a}{b}\endtoggle`, /toggle/],
    [raw`\foo`, /^Unsupported function name: \\foo$/],
    [raw`\frac{a}{`, /^Unexpected end of input/],
    [raw`\__proto__`, /./],
  ];
  for (const [tex, why] of cases) {
    const result = draw(tex, false);
    assert.match(result.kind === "refused" ? result.why : "drawn", why, tex);
  }
});

test("[UI12] no colour, no size and no place of the author's choice is kept", () => {
  const nodes = nodesIn(
    drawn(raw`\color{white}a \textcolor{red}{b} \colorbox{red}{c} \fcolorbox{red}{blue}{d}
      \Huge e \kern-500em f \rule{99999em}{99999em} \mathllap{g} \raisebox{999em}{h} \label{i}`),
  );
  for (const { attributes, style, className } of nodes) {
    const values = [...Object.entries(attributes), ...Object.entries(style)];
    for (const [name, value] of values) {
      assert.doesNotMatch(name, /color|background|size|margin|position|id$|href|^on|^style$/i);
      assert.doesNotMatch(value, /red|blue|white|#|url|500|999/);
    }
    assert.match(className, /^(jc-Math-[a-z]+ ?)*$/);
  }
});

test("[UI12] a short table of very many cells is refused before they are made", () => {
  const tex = raw`\begin{matrix}${"&".repeat(900)}${raw`\\`.repeat(400)}\end{matrix}`;
  assert.deepEqual(draw(tex, true), { kind: "refused", why: "It has too many cells." });
});

const MOST = 2_000; // characters that the parser lets through
const fill = (piece: string, before = "", after = ""): string => {
  const room = MOST - before.length - after.length;
  return before + piece.repeat(Math.floor(room / piece.length)) + after;
};
const BOMBS: Readonly<Record<string, string>> = {
  "open braces": fill("{"),
  "nested braces": "{".repeat(MOST / 2) + "}".repeat(MOST / 2),
  letters: fill("x"),
  digits: fill("1"),
  primes: fill("'", "x"),
  scripts: fill("x_1^2"),
  fonts: fill("\\bf", "", " x"),
  "nested scripts": `${"x^{".repeat(99)}x${"}".repeat(99)}`,
  "nested roots": `${"\\sqrt{".repeat(99)}x${"}".repeat(99)}`,
  "nested boxes": `${"\\boxed{".repeat(99)}x${"}".repeat(99)}`,
  "nested delimiters": `${"\\left(".repeat(130)}x${"\\right)".repeat(130)}`,
  "nested remainders": `${"\\pmod{".repeat(99)}x${"}".repeat(99)}`,
  "nested texts": `${"\\text{$".repeat(99)}x${"$}".repeat(99)}`,
  "nested arrays": `${"\\begin{matrix}".repeat(60)}x${"\\end{matrix}".repeat(60)}`,
  columns: fill("&", "\\begin{matrix}", "\\end{matrix}"),
  rows: fill("\\\\", "\\begin{matrix}", "\\end{matrix}"),
  lines: fill("\\hline", "\\begin{array}{c}", "\\end{array}"),
  "a wide array": fill("c|", "\\begin{array}{", "}a\\end{array}"),
  "large spaces": fill("\\hspace{999em}"),
  remainders: fill("\\pmod{x}"),
  dots: fill("\\dots"),
  colours: fill("\\color{red}"),
};

for (const [name, tex] of Object.entries(BOMBS)) {
  test(`[UI12] ${name}: drawn within bounds, or refused`, () => {
    const result = draw(tex, true);
    if (result.kind === "refused") return assert.notEqual(result.why, "");
    assert.ok(nodesIn(result.children).length <= 3_000);
    assert.ok(depthOf(result.children) <= 150);
  });
}

test("[UI12] any prefix and any mixture of commands is drawn or refused", () => {
  const pieces =
    raw`{ } ^ _ & \\ a 1 \frac \sqrt \left( \right) \begin{matrix} \end{matrix} \text{ $ \over
    \limits \sum ' ~ % # \hline \bf \hat \not \mathchoice \tag{1} \cr \pmod \operatorname \middle|
    \char \verb| \label{x} \ref{x} \begin{CD} @> \end{CD} \expandafter é 字 🎉 \cancel \Set`.split(
      /\s+/,
    );
  let state = 42;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  for (let round = 0; round < 1_000; round++) {
    const length = Math.floor(random() * 12);
    const some = Array.from({ length }, () => pieces[Math.floor(random() * pieces.length)]);
    draw(some.join(" "), random() < 0.5);
  }
});
