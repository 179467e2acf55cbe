// The highlighting chunk: highlight.js's grammars for the languages of notebooks, and tokens as a
// tree, so that code reaches the page as text.

import bash from "highlight.js/lib/languages/bash";
import cpp from "highlight.js/lib/languages/cpp";
import css from "highlight.js/lib/languages/css";
import diff from "highlight.js/lib/languages/diff";
import dockerfile from "highlight.js/lib/languages/dockerfile";
import go from "highlight.js/lib/languages/go";
import ini from "highlight.js/lib/languages/ini";
import java from "highlight.js/lib/languages/java";
import javascript from "highlight.js/lib/languages/javascript";
import json from "highlight.js/lib/languages/json";
import julia from "highlight.js/lib/languages/julia";
import latex from "highlight.js/lib/languages/latex";
import makefile from "highlight.js/lib/languages/makefile";
import markdown from "highlight.js/lib/languages/markdown";
import matlab from "highlight.js/lib/languages/matlab";
import python from "highlight.js/lib/languages/python";
import pythonRepl from "highlight.js/lib/languages/python-repl";
import r from "highlight.js/lib/languages/r";
import ruby from "highlight.js/lib/languages/ruby";
import rust from "highlight.js/lib/languages/rust";
import scala from "highlight.js/lib/languages/scala";
import shell from "highlight.js/lib/languages/shell";
import sql from "highlight.js/lib/languages/sql";
import typescript from "highlight.js/lib/languages/typescript";
import xml from "highlight.js/lib/languages/xml";
import yaml from "highlight.js/lib/languages/yaml";
import { createLowlight } from "lowlight";
import type { TokenNode } from "./types.ts";

// The grammars take time in the square of a line that is made for it, so long ones stay plain.
const MOST_CHARS = 8_000;
const LONG_LINE = /.{301}/;
const MOST_SCRIPTS = 8; // each is a grammar within HTML's, started anew
const MOST_NESTED = 8;
const MOST_KEPT = 100;

const lowlight = createLowlight({
  bash,
  cpp,
  css,
  diff,
  dockerfile,
  go,
  ini,
  java,
  javascript,
  json,
  julia,
  latex,
  makefile,
  markdown,
  matlab,
  python,
  "python-repl": pythonRepl,
  r,
  ruby,
  rust,
  scala,
  shell,
  sql,
  typescript,
  xml,
  yaml,
});
lowlight.registerAlias({ ini: ["toml", "cfg"], python: ["py", "python3", "ipython"], cpp: ["c"] });

/** What was coloured last: a list draws the same code again and again. */
const kept = new Map<string, readonly TokenNode[]>();

export function highlight(code: string, language: string): readonly TokenNode[] | null {
  const name = language.toLowerCase();
  if (!lowlight.registered(name) || isCostly(code)) return null;
  const key = `${name}\n${code}`;
  const tokens = kept.get(key) ?? tokensOf(lowlight.highlight(name, code).children);
  kept.delete(key);
  kept.set(key, tokens);
  const [oldest] = kept.keys();
  if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
  return tokens;
}

function isCostly(code: string): boolean {
  const scripts = code.split(/<(?:script|style)/i).length - 1;
  return code.length > MOST_CHARS || scripts > MOST_SCRIPTS || LONG_LINE.test(code);
}

type Node = ReturnType<typeof lowlight.highlight>["children"][number];

function tokensOf(nodes: readonly Node[], depth = 0): readonly TokenNode[] {
  return nodes.flatMap((node): TokenNode[] => {
    if (node.type !== "element") return [textOf(node)];
    const classes = node.properties["className"];
    const className = Array.isArray(classes) ? classes.join(" ") : "";
    const isDeepest = depth === MOST_NESTED;
    const children = isDeepest ? [textOf(node)] : tokensOf(node.children, depth + 1);
    if (!className.startsWith("hljs-")) return [...children]; // a language within another
    return [{ className, children }];
  });
}

/** Without recursion: brackets can nest as deep as the code is long. */
function textOf(node: Node): string {
  const rest = [node];
  let text = "";
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    if (next.type === "text") text += next.value;
    else if (next.type === "element") rest.push(...next.children.toReversed());
  }
  return text;
}
