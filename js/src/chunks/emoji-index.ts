// Emoji by group, name, keyword and shortcode.

import type { Emoji, EmojiGroup, EmojiIndex } from "./types.ts";

/** As `emoji-table.mjs` packs them. */
export type EmojiTable = readonly {
  readonly id: string;
  readonly name: string;
  readonly rows: readonly string[];
}[];

const MOST_FOUND = 60;
const TONES = ["\u{1f3fb}", "\u{1f3fc}", "\u{1f3fd}", "\u{1f3fe}", "\u{1f3ff}"];

interface Entry {
  readonly emoji: Emoji;
  readonly shortcodes: readonly string[];
  readonly words: readonly string[];
}

export function makeIndex(table: EmojiTable): EmojiIndex {
  const entries: Entry[] = [];
  const groups = table.map(({ id, name, rows }): EmojiGroup => {
    const made = rows.map(entryOf);
    entries.push(...made);
    return { id, name, emoji: made.map(({ emoji }) => emoji) };
  });
  const byEmoji = new Map(
    entries.flatMap(({ emoji }) => [emoji.emoji, ...emoji.tones].map((each) => [each, emoji])),
  );
  const byShortcode = new Map(
    entries.flatMap(({ emoji, shortcodes }) => shortcodes.map((code) => [code, emoji])),
  );
  return {
    groups,
    search: (query) => search(entries, query),
    find: (emoji) => byEmoji.get(emoji),
    named: (shortcode) => byShortcode.get(shortcode),
  };
}

function entryOf(row: string): Entry {
  const [emoji = "", name = "", codes = "", keywords = "", hasTones = ""] = row.split("|");
  const shortcodes = codes.split(" ");
  const tones = hasTones === "" ? [] : TONES.map((tone) => toned(emoji, tone));
  return {
    emoji: { emoji, name, shortcode: shortcodes[0] ?? "", tones },
    shortcodes,
    words: [...name.toLowerCase().split(/[ :,-]+/), ...keywords.split(" ")],
  };
}

// Every person and hand, but for the handshake that joins two people.
const TONED = /(?!(?<=\u200d)\u{1f91d})(\p{Emoji_Modifier_Base})\ufe0f?/gu;

/** The tone takes the place of a variation selector. */
function toned(emoji: string, tone: string): string {
  return emoji.replace(TONED, `$1${tone}`);
}

function search(entries: readonly Entry[], query: string): readonly Emoji[] {
  const wanted = query.trim().toLowerCase().replace(/^:|:$/g, "");
  if (wanted === "") return [];
  const ranked = entries.map((entry) => ({ entry, rank: rankOf(entry, wanted) }));
  return ranked
    .filter(({ rank }) => rank > 0)
    .sort((a, b) => b.rank - a.rank) // stable: of one rank, in the keyboard's order
    .slice(0, MOST_FOUND)
    .map(({ entry }) => entry.emoji);
}

/** How well it fits; 0 is not at all. */
function rankOf({ emoji, shortcodes, words }: Entry, wanted: string): number {
  if (shortcodes.includes(wanted)) return 6;
  if (emoji.name.startsWith(wanted)) return 5;
  if (shortcodes.some((code) => code.startsWith(wanted))) return 4;
  if (words.some((word) => word.startsWith(wanted))) return 3;
  const parts = wanted.split(/[ _]+/);
  if (parts.every((part) => words.some((word) => word.startsWith(part)))) return 2;
  return shortcodes.some((code) => code.includes(wanted)) ? 1 : 0;
}
