// Markdown to a typed tree, in bounded time.

import type { Block } from "./tree.ts";

export function parse(text: string): readonly Block[] {
  return text === "" ? [] : [{ kind: "paragraph", children: [{ kind: "text", text }] }];
}
