// The character references that people write. Any other stays as it is written.

const NAMED: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: "\u00a0",
  hellip: "…",
  mdash: "—",
  ndash: "–",
  copy: "©",
  times: "×",
  middot: "·",
  rarr: "→",
  larr: "←",
};

export const ENTITY = /&(?:#(\d{1,7})|#[xX]([\da-fA-F]{1,6})|(\w{2,8}));/y;

/** The characters of one match of `ENTITY`, or null for a name that is not known. */
export function decodeEntity([, decimal, hex, name]: RegExpExecArray): string | null {
  if (name !== undefined) return Object.hasOwn(NAMED, name) ? (NAMED[name] ?? null) : null;
  const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
  const isCharacter = code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
  return isCharacter ? String.fromCodePoint(code) : "\ufffd";
}

/** Decodes entities and backslash escapes, as in a link's address or a code's language. */
export function decodeEscapes(text: string): string {
  return text.replace(
    /\\([!-/:-@[-`{-~])|&(?:#\d{1,7}|#[xX][\da-fA-F]{1,6}|\w{2,8});/g,
    (all, escaped) => {
      if (escaped !== undefined) return escaped;
      ENTITY.lastIndex = 0;
      const match = ENTITY.exec(all);
      return (match && decodeEntity(match)) ?? all;
    },
  );
}
