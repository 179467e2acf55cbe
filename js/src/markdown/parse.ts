// Markdown as people chat in it: CommonMark and GitHub's tables, tasks, strike and links, less what
// would surprise in a conversation. Raw HTML is text, an image is a link, line breaks are kept; a
// quote or list ends with its last marked line; there are no underlined headings and no link
// definitions. Takes bounded time for any text.

import { parseBlocks } from "./blocks.ts";
import { Fuel, OutOfFuel } from "./fuel.ts";
import type { Block } from "./tree.ts";

export function parse(text: string): readonly Block[] {
  const lines = text.replaceAll("\0", "\ufffd").split(/\r\n|\n|\r/);
  if (lines.at(-1) === "") lines.pop();
  try {
    return parseBlocks(lines, new Fuel(text.length)).blocks;
  } catch (error) {
    if (error instanceof OutOfFuel) return [{ kind: "code", text, language: "" }];
    throw error;
  }
}
