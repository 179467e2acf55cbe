// Lines to blocks, by descent: a container strips its marks and reads what is left as lines again.
// Containers nest 16 deep; further marks are text. So each line is read at most 16 times.

import { decodeEscapes } from "./entities.ts";
import type { Fuel } from "./fuel.ts";
import { parseInlines } from "./inline.ts";
import { endOfMath, readMath } from "./math.ts";
import { isTable, parseTable } from "./table.ts";
import type { Block, ListItem } from "./tree.ts";

const MOST_NESTED = 16;
const CODE_INDENT = 4;

/** A block and the line after it. */
interface Read {
  readonly block: Block;
  readonly next: number;
}

interface Marker {
  /** What has to be the same in all items of a list. */
  readonly kind: string;
  readonly start: number | null;
  /** Columns up to the item's text. */
  readonly width: number;
  readonly isEmpty: boolean;
}

export interface Blocks {
  readonly blocks: readonly Block[];
  /** A blank line stands between two of them. */
  readonly isLoose: boolean;
}

export function parseBlocks(lines: readonly string[], fuel: Fuel, depth = 0): Blocks {
  const blocks: Block[] = [];
  let isLoose = false;
  let at = 0;
  while (at < lines.length) {
    fuel.spend(1);
    if (isBlank(lines[at])) {
      at += 1;
      continue;
    }
    const isAfterBlank = isBlank(lines[at - 1]);
    const { block, next } = readBlock(lines, at, { fuel, depth, above: blocks.at(-1) });
    if (isAfterBlank && blocks.length > 0) isLoose = true;
    blocks.push(fuel.node(block));
    at = next;
  }
  return { blocks, isLoose };
}

interface Context {
  readonly fuel: Fuel;
  readonly depth: number;
  /** The block before, in the same container. */
  readonly above?: Block | undefined;
}

function readBlock(lines: readonly string[], at: number, context: Context): Read {
  const line = lines[at] ?? "";
  const goesOn = !isBlank(lines[at - 1]) && /list|quote/.test(context.above?.kind ?? "");
  if (indentOf(line) >= CODE_INDENT && !goesOn) return readIndentedCode(lines, at);
  return (
    readFence(lines, at) ??
    readMath(lines, at, context.fuel) ??
    readHeading(line, at, context.fuel) ??
    (isRule(line) ? { block: { kind: "rule" }, next: at + 1 } : null) ??
    readQuote(lines, at, context) ??
    readList(lines, at, context) ??
    parseTable(lines, at, context.fuel) ??
    readParagraph(lines, at, context)
  );
}

function readIndentedCode(lines: readonly string[], at: number): Read {
  let next = at;
  let end = at;
  while (next < lines.length && (isBlank(lines[next]) || indentOf(lines[next]) >= CODE_INDENT)) {
    next += 1;
    if (!isBlank(lines[next - 1])) end = next;
  }
  const text = lines.slice(at, end).map((line) => dedent(line, CODE_INDENT));
  return { block: { kind: "code", text: text.join("\n"), language: "" }, next: end };
}

/** An open fence is code to the end: so it is while its text is still being written. */
function readFence(lines: readonly string[], at: number): Read | null {
  const open = /^ {0,3}(`{3,}|~{3,})([^\n]*)$/.exec(lines[at] ?? "");
  const [, fence = "", info = ""] = open ?? [];
  if (open === null || (fence.startsWith("`") && info.includes("`"))) return null;
  const isClosing = (line: string) => {
    const mark = line.trim();
    return (
      mark.length >= fence.length &&
      indentOf(line) < CODE_INDENT &&
      mark === fence.charAt(0).repeat(mark.length)
    );
  };
  let end = at + 1;
  while (end < lines.length && !isClosing(lines[end] ?? "")) end += 1;
  const indent = indentOf(lines[at]);
  const text = lines.slice(at + 1, end).map((line) => dedent(line, indent));
  const language = decodeEscapes(info.trim().split(/\s/, 1)[0] ?? "");
  return { block: { kind: "code", text: text.join("\n"), language }, next: end + 1 };
}

function readHeading(line: string, at: number, fuel: Fuel): Read | null {
  const [, marks] = /^ {0,3}(#{1,6})(?=\s|$)/.exec(line) ?? [];
  if (marks === undefined) return null;
  const text = line.trim().slice(marks.length).trim();
  let end = text.length;
  while (text[end - 1] === "#") end -= 1;
  const isClosed = end === 0 || /\s/.test(text[end - 1] ?? "");
  const children = parseInlines(isClosed ? text.slice(0, end).trimEnd() : text, fuel);
  return { block: { kind: "heading", level: levelOf(marks), children }, next: at + 1 };
}

function levelOf(marks: string): 1 | 2 | 3 | 4 | 5 | 6 {
  return ([1, 2, 3, 4, 5, 6] as const)[marks.length - 1] ?? 6;
}

function isRule(line: string): boolean {
  const mark = line.trimStart().charAt(0);
  if (mark === "" || !"-*_".includes(mark) || indentOf(line) >= CODE_INDENT) return false;
  const marks = line.replaceAll(/[ \t]/g, "");
  return marks.length >= 3 && marks === mark.repeat(marks.length);
}

function readQuote(lines: readonly string[], at: number, { fuel, depth }: Context): Read | null {
  if (depth >= MOST_NESTED) return null;
  const inside: string[] = [];
  while (isQuoted(lines[at + inside.length])) {
    fuel.spend(1);
    inside.push((lines[at + inside.length] ?? "").trimStart().slice(1).replace(/^ /, ""));
  }
  if (inside.length === 0) return null;
  const { blocks: children } = parseBlocks(inside, fuel, depth + 1);
  return { block: { kind: "quote", children }, next: at + inside.length };
}

function isQuoted(line: string | undefined): boolean {
  return line !== undefined && /^ {0,3}>/.test(line);
}

function readList(lines: readonly string[], at: number, context: Context): Read | null {
  const first = markerOf(lines[at] ?? "");
  if (first === null || context.depth >= MOST_NESTED) return null;
  const items: ListItem[] = [];
  let tight = true;
  let next = at;
  let end = at; // without the blank lines after the last item
  for (;;) {
    const marker = markerOf(lines[next] ?? "");
    if (marker?.kind !== first.kind || isRule(lines[next] ?? "")) break;
    if (next > end) tight = false;
    end = endOfItem(lines, next, marker);
    const { item, isLoose } = readItem(lines.slice(next, end), marker, context);
    items.push(item);
    if (isLoose) tight = false;
    next = end;
    while (next < lines.length && isBlank(lines[next])) next += 1;
  }
  return { block: { kind: "list", start: first.start, tight, items }, next: end };
}

function readItem(
  lines: readonly string[],
  { width }: Marker,
  { fuel, depth }: Context,
): { readonly item: ListItem; readonly isLoose: boolean } {
  fuel.spend(lines.length);
  const first = dedent(withoutMarker(lines[0] ?? ""), width);
  const others = lines.slice(1).map((line) => dedent(line, width));
  const [, box, task] = /^\[([ xX])\][ \t]+(\S.*)$/.exec(first) ?? [];
  const checked = box === undefined ? null : box !== " ";
  const { blocks: children, isLoose } = parseBlocks([task ?? first, ...others], fuel, depth + 1);
  return { item: fuel.node({ checked, children }), isLoose };
}

/** The line after the item's last one: all are indented, but for blank ones between. */
function endOfItem(lines: readonly string[], start: number, { width, isEmpty }: Marker): number {
  let end = start + 1;
  if (isEmpty && isBlank(lines[end])) return end;
  for (let at = end; at < lines.length; at++) {
    if (isBlank(lines[at])) continue;
    if (indentOf(lines[at]) < width) break;
    end = at + 1;
  }
  return end;
}

function markerOf(line: string): Marker | null {
  const match = /^( {0,3})(?:([-+*])|(\d{1,9})([.)]))(?=[ \t]|$)/.exec(line);
  if (match === null) return null;
  const [marks, , bullet, number, delimiter] = match;
  const isEmpty = isBlank(line.slice(marks.length));
  const spaces = indentOf(withoutMarker(line)) - marks.length;
  const gap = isEmpty || spaces > CODE_INDENT ? 1 : spaces;
  return {
    kind: bullet ?? delimiter ?? "",
    start: number === undefined ? null : Number(number),
    width: marks.length + gap,
    isEmpty,
  };
}

function withoutMarker(line: string): string {
  const marker = /^ *\S+/.exec(line)?.[0] ?? "";
  return " ".repeat(marker.length) + line.slice(marker.length);
}

function readParagraph(lines: readonly string[], at: number, context: Context): Read {
  let end = at + 1;
  while (end < lines.length && !isBlank(lines[end]) && !interrupts(lines, end, context)) end += 1;
  const text = lines.slice(at, end).map((line) => line.trim());
  const children = parseInlines(text.join("\n"), context.fuel);
  return { block: { kind: "paragraph", children }, next: end };
}

/** Whether a paragraph ends before this line. */
function interrupts(lines: readonly string[], at: number, { fuel, depth }: Context): boolean {
  const line = lines[at] ?? "";
  fuel.spend(1);
  if (indentOf(line) >= CODE_INDENT) return false;
  if (/^ {0,3}(?:#{1,6}(?:\s|$)|~~~|```[^`]*$)/.test(line) || isRule(line)) return true;
  if (endOfMath(lines, at, fuel) !== null) return true;
  if (depth >= MOST_NESTED) return false;
  if (isQuoted(line)) return true;
  const marker = markerOf(line);
  if (marker !== null) return !marker.isEmpty && (marker.start ?? 1) === 1;
  return isTable(lines, at);
}

function isBlank(line: string | undefined): boolean {
  return line === undefined || line.trim() === "";
}

/** Columns of white space at the start; a tab goes to the next multiple of 4. */
export function indentOf(line: string | undefined): number {
  let columns = 0;
  for (const char of line ?? "") {
    if (char === " ") columns += 1;
    else if (char === "\t") columns += 4 - (columns % 4);
    else break;
  }
  return columns;
}

/** Takes away up to `columns` of white space. */
function dedent(line: string, columns: number): string {
  const rest = line.trimStart();
  return " ".repeat(Math.max(0, indentOf(line) - columns)) + rest;
}
