// Emoji in the text being written: `:na` asks for suggestions, `:name:` becomes the emoji.
// Pure; must not know where the names come from.

export interface Asked {
  /** What follows the colon. */
  readonly query: string;
  /** Index of the colon. */
  readonly start: number;
}

/** The emoji being named right before the caret: a colon after a space, and 2 letters. */
export function askedEmoji(text: string, caret: number): Asked | null {
  const match = /(?:^|[\s([{])(:([\p{L}\p{N}_+-]{2,30}))$/u.exec(text.slice(0, caret));
  const [, named, query] = match ?? [];
  if (named === undefined || query === undefined) return null;
  return { query, start: caret - named.length };
}

/** Names to emoji, outside code; a name that `find` does not know stays as it is. */
export function nameToEmoji(text: string, find: (name: string) => string | undefined): string {
  return text
    .split(/(```[\s\S]*?(?:```|$)|`[^`\n]*`)/)
    .map((part, index) =>
      index % 2 === 1
        ? part
        : part.replace(/:([\p{L}\p{N}_+-]{1,50}):/gu, (all, name: string) => find(name) ?? all),
    )
    .join("");
}
