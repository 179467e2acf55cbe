// The mathematics chunk: TeX to a tree of MathML. Temml is used because it makes MathML alone, which
// browsers draw and screen readers read without fonts, styles or HTML of ours. Nothing of what it
// makes is taken as it is: `math-tree.ts` copies what is allowed.

import temml from "temml";
import { copyTree, NotAllowed } from "./math-tree.ts";
import type { Drawn } from "./types.ts";

/** Em and points; a rule or a space can't be larger. */
const MAX_SIZE: [number, number] = [20, 200];
const MAX_EXPAND = 500; // steps of macros; a real formula takes a few dozen
const MOST_BRACES = 100;
const MOST_CELLS = 10_000; // all rows are filled up to the longest one

// A few short definitions, the library's own names and its chemistry stand for very long formulas.
const COSTLY =
  /\\(?:[egx]?def|let|futurelet|global|long|[a-z]*newcommand|[A-Za-z]*@[A-Za-z@]*|ce|pu)(?![A-Za-z@])/;

/** The formula, or why it can't be drawn. */
export function draw(tex: string, isDisplayed: boolean): Drawn {
  try {
    refuseCostly(tex);
    const tree: unknown = temml.__renderToMathMLTree(tex, {
      displayMode: isDisplayed,
      trust: false,
      throwOnError: true,
      maxSize: MAX_SIZE,
      maxExpand: MAX_EXPAND,
    });
    return { kind: "drawn", children: copyTree(tree) };
  } catch (error) {
    return { kind: "refused", why: whyOf(error) };
  }
}

/** What the library would work on for long, or by deep recursion, before it gives a tree. */
function refuseCostly(tex: string): void {
  const [costly] = COSTLY.exec(tex.replaceAll("\\\\", " ")) ?? [];
  if (costly !== undefined) throw new NotAllowed(`${costly} is not allowed.`);
  if (depthOf(tex) > MOST_BRACES) throw new NotAllowed("It is nested too deeply.");
  const rows = tex.split(/\\\\|\\cr/).length;
  const columns = tex.split("&").length;
  if (rows * columns > MOST_CELLS) throw new NotAllowed("It has too many cells.");
}

function depthOf(tex: string): number {
  let depth = 0;
  let most = 0;
  for (const [brace] of tex.matchAll(/[{}]/g)) {
    depth += brace === "{" ? 1 : -1;
    most = Math.max(most, depth);
  }
  return most;
}

/** The library's own sentence without its picture of the place; whatever else breaks is ours. */
function whyOf(error: unknown): string {
  if (error instanceof NotAllowed) return error.message;
  if (!(error instanceof temml.ParseError) || !("message" in error))
    return "It is too complicated.";
  return String(error.message)
    .trim()
    .split(/ at (?:position|end of input)/, 1)
    .join("");
}
