// Edits of the text in the composer: wrapping a selection, inserting, recognising code. Pure.

export interface Selected {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** What to put in place of the text from `from` to `to`, and what to select afterwards. */
export interface Change {
  readonly from: number;
  readonly to: number;
  readonly insert: string;
  readonly start: number;
  readonly end: number;
}

export type Wrap = "bold" | "italic" | "code" | "link";

const MARKS = { bold: "**", italic: "*", code: "`" } as const;

export function insertAt({ start, end }: Selected, insert: string): Change {
  const caret = start + insert.length;
  return { from: start, to: end, insert, start: caret, end: caret };
}

/** Wraps the selection; wraps again what is already wrapped by taking the marks away. */
export function wrap(selected: Selected, kind: Wrap): Change {
  const { text, start, end } = selected;
  const inner = text.slice(start, end);
  if (kind === "link") {
    const insert = `[${inner}](https://)`;
    const caret = start + insert.length - 1;
    return { from: start, to: end, insert, start: caret, end: caret };
  }
  if (kind === "code" && inner.includes("\n")) return fence(selected);
  const mark = MARKS[kind];
  const size = mark.length;
  const sign = mark.charAt(0);
  let run = 0; // two stars are bold and not italic, three are both
  while (text[start - run - 1] === sign && text[end + run] === sign) run += 1;
  if (size === 1 ? run % 2 === 1 : run >= size) {
    const from = start - size;
    return { from, to: end + size, insert: inner, start: from, end: from + inner.length };
  }
  const insert = mark + inner + mark;
  return { from: start, to: end, insert, start: start + size, end: end + size };
}

/** Puts the selection into a code block on lines of its own. */
export function fence({ text, start, end }: Selected): Change {
  const inner = text.slice(start, end).replace(/\n$/, "");
  const ticks = "`".repeat(Math.max(3, longestTicks(inner) + 1));
  const open = start > 0 && text[start - 1] !== "\n" ? `\n${ticks}\n` : `${ticks}\n`;
  const insert = `${open}${inner}\n${ticks}\n`;
  const caret = start + insert.length;
  return { from: start, to: end, insert, start: caret, end: caret };
}

/** Three or more lines, of which most look like a program's. */
export function looksLikeCode(text: string): boolean {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  if (lines.length < 3 || text.includes("```")) return false;
  const odd = lines.filter((line) =>
    /^\s{2,}\S|[;{}]\s*$|[=:]\s*$|\w\(.*\)|^\s*[#@]|\w\s*[-+*/]?=\s*\S|^(?:import|from|def|class|return|for|if|while|const|let|var|function|SELECT|FROM|WHERE)\b/.test(
      line,
    ),
  );
  return odd.length * 2 > lines.length;
}

function longestTicks(text: string): number {
  return Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
}
