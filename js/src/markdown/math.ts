// Formulas: `$a$` in a line, `$$a$$` on lines of their own. Dollars are money far more often, so
// what opens or closes a formula is narrow, as in Pandoc. A search ends at the next dollar, which
// is where the one after it begins: so each character is looked at once.

import type { Fuel } from "./fuel.ts";
import type { Formula } from "./tree.ts";

const MOST_CHARS = 2_000;
const DOLLARS = /\$+/y;
// No space inside the dollars, no digit after them, and code keeps its dollars.
const IN_LINE = /\$((?!\s)(?:[^$\\`\n]|\\.)+)(?<!\s)\$(?![$\d])/y;
const DISPLAYED = /\$\$((?:[^$\\`]|\\[\s\S])+)\$\$(?!\$)/y;

/** The formula at a dollar, or null and how many dollars are only text. */
export function readFormula(
  text: string,
  at: number,
  fuel: Fuel,
): { readonly formula: Formula | null; readonly length: number } {
  DOLLARS.lastIndex = at;
  const { length } = DOLLARS.exec(text)?.[0] ?? "$";
  const pattern = length === 1 ? IN_LINE : DISPLAYED;
  pattern.lastIndex = at;
  const match = length > 2 ? null : pattern.exec(text);
  const formula = match && formulaOf(match[1] ?? "", length === 2, fuel);
  if (match === null || formula === null) return { formula: null, length };
  return { formula, length: match[0].length };
}

/** A displayed formula whose dollars begin and end a line. */
export function readMath(
  lines: readonly string[],
  at: number,
  fuel: Fuel,
): { readonly block: Formula; readonly next: number } | null {
  const next = endOfMath(lines, at, fuel);
  if (next === null) return null;
  const source = lines.slice(at, next).join("\n").trim();
  const block = formulaOf(source.slice(2, -2), true, fuel);
  return block && { block, next };
}

/** The line after it, or null if none begins here: the next dollars end it, a blank line doesn't. */
export function endOfMath(lines: readonly string[], at: number, fuel: Fuel): number | null {
  if (!/^ {0,3}\$\$(?!\$)/.test(lines[at] ?? "")) return null;
  let rest = (lines[at] ?? "").trim().slice(2);
  let end = at + 1;
  while (!rest.includes("$$")) {
    const line = lines[end]?.trim() ?? "";
    if (line === "") return null;
    fuel.spend(1);
    rest = line;
    end += 1;
  }
  return rest.indexOf("$$") === rest.length - 2 ? end : null;
}

function formulaOf(source: string, isDisplayed: boolean, fuel: Fuel): Formula | null {
  const tex = source.trim();
  if (tex === "" || tex.length > MOST_CHARS || !fuel.takeTex(tex.length)) return null;
  return { kind: "math", tex, isDisplayed };
}
