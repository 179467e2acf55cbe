// Addresses of links: in parentheses after a text, in angle brackets, and bare in the text.

import { decodeEscapes } from "./entities.ts";
import type { Fuel } from "./fuel.ts";
import { safeHref } from "./link.ts";

const MOST_CHARS = 2_048; // of an address or title: what is longer is text
const MOST_PARENTHESES = 32;
const ANGLED = /<([a-z][a-z\d+.-]{1,31}:[^\s<>]{0,2048}|[\w.+-]{1,64}@[\w.-]{1,255})>/iy;
const URL_START = /(?:https?:\/\/|www\.)[^\s<>[\]`]{1,2048}/iy;
const MAIL_NAME = /[\w.+-]{1,64}$/;
const MAIL_HOST = /@[\da-z](?:[\w-]{0,62}[\da-z])?(?:\.[\da-z](?:[\w-]{0,62}[\da-z])?){1,8}/iy;

interface Address {
  readonly href: string;
  /** The place after it. */
  readonly end: number;
}

/** `(address "title")` at `at`; null if that is not there or leads where it must not. */
export function readAddress(text: string, at: number, fuel: Fuel): Address | null {
  if (text[at] !== "(") return null;
  const destination = readDestination(text, skipSpace(text, at + 1), fuel);
  if (destination === null) return null;
  let end = skipSpace(text, destination.end);
  if (end > destination.end) end = skipSpace(text, endOfTitle(text, end));
  const href = safeHref(decodeEscapes(destination.raw));
  return href === null || text[end] !== ")" ? null : { href, end: end + 1 };
}

/** `<https://…>` or `<somebody@somewhere>` at `at`. */
export function readAngled(text: string, at: number): (Address & { readonly text: string }) | null {
  ANGLED.lastIndex = at;
  const [all, address] = ANGLED.exec(text) ?? [];
  if (all === undefined || address === undefined) return null;
  const isMail = !address.includes(":");
  const href = safeHref(isMail ? `mailto:${address}` : address);
  return href === null ? null : { href, text: address, end: at + all.length };
}

/** An address without brackets, from `at` on. */
export function readUrl(text: string, at: number): (Address & { readonly text: string }) | null {
  if (at > 0 && /[\p{L}\p{N}_]/u.test(text.charAt(at - 1))) return null;
  URL_START.lastIndex = at;
  const found = URL_START.exec(text)?.[0];
  if (found === undefined) return null;
  const url = withoutTail(found);
  const href = safeHref(/^www\./i.test(url) ? `https://${url}` : url);
  return href === null ? null : { href, text: url, end: at + url.length };
}

/** A mail address with its `@` at `at`, and its name at the end of `before`. */
export function readMail(
  text: string,
  at: number,
  before: string,
): (Address & { readonly name: string; readonly text: string }) | null {
  MAIL_HOST.lastIndex = at;
  const host = MAIL_HOST.exec(text)?.[0]; // first: it is the one that hardly ever fits
  const name = host && MAIL_NAME.exec(before.slice(-64))?.[0];
  if (!host || !name) return null;
  const href = safeHref(`mailto:${name}${host}`);
  return href === null ? null : { href, name, text: name + host, end: at + host.length };
}

/** What ends a sentence, or closes a parenthesis around the address, is not part of it. */
function withoutTail(url: string): string {
  let end = url.length;
  let surplus = count(url, ")") - count(url, "(");
  for (;;) {
    const last = url.charAt(end - 1);
    if (last === ")" && surplus > 0) surplus -= 1;
    else if (!"?!.,:;*_~'\"".includes(last) || last === "") return url.slice(0, end);
    end -= 1;
  }
}

function count(text: string, char: string): number {
  return text.split(char).length - 1;
}

function readDestination(
  text: string,
  at: number,
  fuel: Fuel,
): { readonly raw: string; readonly end: number } | null {
  const most = Math.min(text.length, at + MOST_CHARS);
  const isAngled = text[at] === "<";
  let depth = 0;
  let end = isAngled ? at + 1 : at;
  for (; end < most; end++) {
    fuel.spend(1);
    const char = text.charAt(end);
    if (char === "\\") end += 1;
    else if (isAngled) {
      if (char === ">") return { raw: text.slice(at + 1, end), end: end + 1 };
      if (char === "<" || char === "\n") return null;
    } else if (char === "(") {
      depth += 1;
      if (depth > MOST_PARENTHESES) return null;
    } else if (char === ")") {
      if (depth === 0) break;
      depth -= 1;
    } else if (char <= " ") break;
  }
  return isAngled || depth > 0 || end === at ? null : { raw: text.slice(at, end), end };
}

/** The place after a title in quotes or parentheses; `at` if there is none. */
function endOfTitle(text: string, at: number): number {
  const close = { '"': '"', "'": "'", "(": ")" }[text.charAt(at)];
  if (close === undefined) return at;
  const inside = text.slice(at + 1, at + 1 + MOST_CHARS);
  for (let length = 0; length < inside.length; length++) {
    if (inside[length] === "\\") length += 1;
    else if (inside[length] === close) return at + length + 2;
  }
  return at;
}

function skipSpace(text: string, at: number): number {
  let end = at;
  while (text.charAt(end) === " " || text.charAt(end) === "\n" || text.charAt(end) === "\t")
    end += 1;
  return end;
}
