// GitHub's tables: a head, a row of dashes, and rows until a line without a bar.

import type { Fuel } from "./fuel.ts";
import { parseInlines } from "./inline.ts";
import type { Align, Block, Cell } from "./tree.ts";

const MOST_COLUMNS = 64;

export function isTable(lines: readonly string[], at: number): boolean {
  const head = lines[at] ?? "";
  if (!head.includes("|")) return false;
  return alignsOf(lines[at + 1] ?? "")?.length === cellsOf(head).length;
}

export function parseTable(
  lines: readonly string[],
  at: number,
  fuel: Fuel,
): { readonly block: Block; readonly next: number } | null {
  if (!isTable(lines, at)) return null;
  const aligns = alignsOf(lines[at + 1] ?? "") ?? [];
  const rowOf = (texts: readonly string[]): readonly Cell[] =>
    aligns.slice(0, texts.length).map((align, column) => {
      const children = parseInlines(texts[column] ?? "", fuel);
      return fuel.node({ align, children });
    });
  const head = rowOf(cellsOf(lines[at] ?? ""));
  const rows: (readonly Cell[])[] = [];
  let next = at + 2;
  for (; lines[next]?.includes("|"); next++)
    rows.push(fuel.node(rowOf(cellsOf(lines[next] ?? ""))));
  return { block: { kind: "table", head, rows }, next };
}

function alignsOf(line: string): readonly Align[] | null {
  if (!line.includes("-") || !/^[\s|:-]+$/.test(line)) return null;
  const cells = cellsOf(line);
  const isRow = cells.length <= MOST_COLUMNS && cells.every((cell) => /^:?-+:?$/.test(cell));
  return isRow ? cells.map(alignOf) : null;
}

function alignOf(dashes: string): Align {
  if (dashes.endsWith(":")) return dashes.startsWith(":") ? "center" : "end";
  return dashes.startsWith(":") ? "start" : null;
}

/** Between the bars; a bar after a backslash is a character. */
function cellsOf(line: string): readonly string[] {
  const cells = line
    .trim()
    .replace(/^\|/, "")
    .split(/(?<!\\)\|/);
  if (cells.length > 1 && cells.at(-1)?.trim() === "") cells.pop();
  return cells.map((cell) => cell.trim().replaceAll("\\|", "|"));
}
