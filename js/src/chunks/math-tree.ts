// What of the library's tree is drawn: these elements, these attributes with values of these forms,
// these styles and classes. An unknown element refuses the formula; anything else unknown is left
// out, so colours and sizes are the message's, and nothing leads out of it.

import type { MathNode } from "./types.ts";

const MOST_NODES = 3_000; // elements and texts: some 1,500 signs, far more than a page shows
const MOST_NESTED = 150;

const TAGS = new Set([
  "menclose",
  "mfrac",
  "mi",
  "mmultiscripts",
  "mn",
  "mo",
  "mover",
  "mpadded",
  "mphantom",
  "mprescripts",
  "mroot",
  "mrow",
  "mspace",
  "msqrt",
  "mstyle",
  "msub",
  "msubsup",
  "msup",
  "mtable",
  "mtd",
  "mtext",
  "mtr",
  "munder",
  "munderover",
  "none", // an empty place among several scripts
]);

const FLAG = /^(?:true|false)$/;
const LENGTH = /^[+-]?\d{1,3}(?:\.\d+)?(?:em|ex|pt|px)?$/;
const ATTRIBUTES = new Map([
  ["accent", FLAG],
  ["depth", LENGTH],
  ["displaystyle", FLAG],
  ["fence", FLAG],
  ["form", /^(?:prefix|infix|postfix)$/],
  ["height", LENGTH],
  ["largeop", FLAG],
  ["linethickness", LENGTH],
  ["lspace", LENGTH],
  ["mathvariant", /^(?:normal|bold|italic)$/],
  ["maxsize", LENGTH],
  ["minsize", LENGTH],
  ["movablelimits", FLAG],
  ["notation", /^[a-z ]+$/],
  ["rspace", LENGTH],
  ["scriptlevel", /^[0-3]$/],
  ["separator", FLAG],
  ["stretchy", FLAG],
  ["symmetric", FLAG],
  ["voffset", LENGTH],
  ["width", LENGTH],
]);

/** Room and lines around cells and boxes, and how small what stands over a letter is. */
const STYLE_NAMES = /^(?:padding|border)(?:Top|Bottom|Left|Right)?$|^mathDepth$/;
const STYLE = /^(?:(?:^| )(?:\d{1,2}(?:\.\d+)?(?:em|ex|pt|px)?|solid|dashed|double))+$/;

const CLASSES = new Map([
  ["downstrike", "jc-Math-down"],
  ["sout", "jc-Math-through"],
  ["tml-cancel", "jc-Math-strike"],
  ["tml-fbox", "jc-Math-box"],
  ["tml-left", "jc-Math-left"],
  ["tml-overline", "jc-Math-over"],
  ["tml-right", "jc-Math-right"],
  ["tml-tag", "jc-Math-tag"],
  ["tml-underline", "jc-Math-under"],
  ["tml-vec", "jc-Math-vec"],
  ["tml-xcancel", "jc-Math-cross"],
  ["upstrike", "jc-Math-up"],
]);

export class NotAllowed extends Error {}

/** What is in the `math` element that the library made. */
export function copyTree(math: unknown): readonly (MathNode | string)[] {
  let nodes = 0;
  const copyChildren = (node: unknown, depth: number): readonly (MathNode | string)[] => {
    if (depth > MOST_NESTED) throw new NotAllowed("It is nested too deeply.");
    return listIn(node, "children").flatMap((child) => copy(child, depth));
  };
  const copy = (node: unknown, depth: number): readonly (MathNode | string)[] => {
    nodes += 1;
    if (nodes > MOST_NODES) throw new NotAllowed("It is too long.");
    const [text, tag] = [textIn(node, "text"), textIn(node, "type")];
    if (text !== null) return [text];
    const children = joined(copyChildren(node, depth + 1));
    if (tag === null) return children; // a fragment
    if (!TAGS.has(tag)) throw new NotAllowed("A part of it is not allowed.");
    return [{ tag, children, ...looksOf(node, tag) }];
  };
  return copyChildren(math, 0);
}

/** The digits of a number are one text. */
function joined(children: MathNode["children"]): MathNode["children"] {
  const isText = children.length > 0 && children.every((child) => typeof child === "string");
  return isText ? [children.join("")] : children;
}

function looksOf(node: unknown, tag: string): Omit<MathNode, "tag" | "children"> {
  const attributes = textsIn(node, "attributes");
  const classes = listIn(node, "classes").flatMap((name) => CLASSES.get(String(name)) ?? []);
  const isRule = tag === "mspace" && attributes.some(([name]) => name === "mathbackground");
  const allowed = attributes.filter(([name, value]) => ATTRIBUTES.get(name)?.test(value));
  const style = textsIn(node, "style").filter(
    ([name, value]) => STYLE_NAMES.test(name) && STYLE.test(value),
  );
  return {
    attributes: Object.fromEntries(allowed),
    style: Object.fromEntries(style),
    className: [...classes, ...(isRule ? ["jc-Math-rule"] : [])].join(" "),
  };
}

function valueIn(node: unknown, name: string): unknown {
  return typeof node === "object" && node !== null ? Reflect.get(node, name) : undefined;
}

function textIn(node: unknown, name: string): string | null {
  const value = valueIn(node, name);
  return typeof value === "string" ? value : null;
}

function listIn(node: unknown, name: string): readonly unknown[] {
  const value = valueIn(node, name);
  return Array.isArray(value) ? value : [];
}

function textsIn(node: unknown, name: string): readonly (readonly [string, string])[] {
  return Object.entries(valueIn(node, name) ?? {}).map(([key, value]) => [key, String(value)]);
}
