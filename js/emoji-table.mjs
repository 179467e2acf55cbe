// The emoji of Unicode 15.1 in the order of its keyboard, from emojibase, packed for the chunk.
// Newer ones are left out: the server has to know every emoji that is offered.

import { createRequire } from "node:module";

const NEWEST = 15.1;
const COMPONENTS = 2; // skin tones and hair on their own

/** For each group: its id, its name, and per emoji "emoji|name|shortcodes|keywords|tones". */
export function emojiTable() {
  const require = createRequire(import.meta.url);
  const data = require("emojibase-data/en/data.json");
  const { groups } = require("emojibase-data/en/messages.json");
  const shortcodes = ["github", "iamcal", "emojibase"].map((set) =>
    require(`emojibase-data/en/shortcodes/${set}.json`),
  );
  const codesOf = (hexcode) => [...new Set(shortcodes.flatMap((set) => set[hexcode] ?? []))];
  const rowOf = ({ emoji, hexcode, label, tags = [], skins = [] }) => {
    const codes = codesOf(hexcode);
    const words = tags.filter((tag) => !codes.includes(tag) && !label.includes(tag));
    const hasTones = skins.some(({ tone }) => tone === 1) ? "t" : "";
    return [qualified(emoji), label, codes.join(" "), words.join(" "), hasTones].join("|");
  };
  return groups
    .filter(({ order }) => order !== COMPONENTS)
    .map(({ key, message, order }) => ({
      id: key,
      name: message.charAt(0).toUpperCase() + message.slice(1),
      rows: data
        .filter(({ group, version }) => group === order && version <= NEWEST)
        .sort((a, b) => a.order - b.order)
        .map(rowOf),
    }));
}

/** Variation selectors only where Unicode's fully qualified form has them. */
function qualified(emoji) {
  return emoji.replace(/(\p{Emoji_Presentation})\ufe0f/gu, "$1");
}
