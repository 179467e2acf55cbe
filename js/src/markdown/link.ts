// Where a link may lead. Everything that becomes an `href` passes here, after entities and
// escapes are decoded.

const SCHEMES = new Set(["http:", "https:", "mailto:"]);
// Browsers drop some of these when they read an address; none belongs in one.
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Z}]/gu;

/** The address in its normal form, or null if it must not be a link. */
export function safeHref(address: string): string | null {
  const visible = address.replace(INVISIBLE, (char) => (char === " " ? "%20" : ""));
  if (!URL.canParse(visible)) return null; // relative ones too: they mean nothing to a reader
  const url = new URL(visible);
  return SCHEMES.has(url.protocol) ? url.href : null;
}
