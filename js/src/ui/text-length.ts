// How much of the length limit a text uses. The server counts bytes of UTF-8, people count
// characters; the figures shown are characters. Pure.

const WARN_FROM = 0.9;
const encoder = new TextEncoder();

export type Room =
  | { readonly state: "plenty" }
  | { readonly state: "little"; readonly left: number }
  | { readonly state: "over"; readonly by: number };

/** `left` goes by how many bytes this text's characters have. */
export function roomLeft(text: string, maxBytes: number): Room {
  if (text.length * 3 < maxBytes * WARN_FROM) return { state: "plenty" };
  const bytes = encoder.encode(text).length;
  if (bytes > maxBytes) return { state: "over", by: excess(text, bytes - maxBytes) };
  if (bytes < maxBytes * WARN_FROM) return { state: "plenty" };
  return { state: "little", left: Math.floor(((maxBytes - bytes) * [...text].length) / bytes) };
}

/** Characters to take from the end so that at least `bytes` bytes go. */
function excess(text: string, bytes: number): number {
  const characters = [...text];
  let gone = 0;
  let count = 0;
  while (gone < bytes && count < characters.length) {
    count += 1;
    gone += encoder.encode(characters[characters.length - count]).length;
  }
  return count;
}
