// A paragraph's text to inlines. One pass makes flat tokens, pairing brackets as they close;
// `emphasis.ts` pairs the stars; a second pass folds the tokens into a tree, 32 deep at most.

import { readAddress, readAngled, readMail, readUrl } from "./address.ts";
import { Emphasis } from "./emphasis.ts";
import { decodeEntity, ENTITY } from "./entities.ts";
import type { Fuel } from "./fuel.ts";
import { readFormula } from "./math.ts";
import type { Inline } from "./tree.ts";

const MOST_NESTED = 32;
// What may begin something; all else is text.
const SPECIAL = /[\n\\`*_~[\]!<&@$]|https?:\/\/|www\./gi;
const CODE_MARK = /`+/y;
const ESCAPABLE = /[!-/:-@[-`{-~]/;

export type Mark = "strong" | "em" | "del";

/** A flat piece; `open` and `close` come in pairs that don't cross. */
export type Token =
  | { readonly kind: "leaf"; readonly node: Inline }
  | { readonly kind: "text"; text: string }
  | { readonly kind: "marks"; readonly closes: Mark[]; text: string; readonly opens: Mark[] }
  | { kind: "text-or-link"; readonly text: string; href: string | null }
  | { readonly kind: "end-of-link" };

interface Bracket {
  readonly token: Extract<Token, { kind: "text-or-link" }>;
  /** How many stars and the like came before it. */
  readonly stars: number;
  readonly isImage: boolean;
}

export function parseInlines(text: string, fuel: Fuel): readonly Inline[] {
  return toTree(new Scanner(text, fuel).scan(), fuel);
}

class Scanner {
  readonly #text: string;
  readonly #fuel: Fuel;
  readonly #tokens: Token[] = [];
  readonly #emphasis: Emphasis;
  readonly #unclosed = new Set<number>(); // lengths of backtick runs that no later run closes
  #brackets: Bracket[] = [];
  #at = 0;

  constructor(text: string, fuel: Fuel) {
    this.#text = text;
    this.#fuel = fuel;
    this.#emphasis = new Emphasis(fuel);
  }

  scan(): readonly Token[] {
    while (this.#at < this.#text.length) {
      this.#fuel.spend(1);
      SPECIAL.lastIndex = this.#at;
      const next = SPECIAL.exec(this.#text)?.index ?? this.#text.length;
      this.#plain(this.#text.slice(this.#at, next));
      this.#at = next;
      if (next < this.#text.length) this.#special();
    }
    this.#emphasis.pair(0);
    return this.#tokens;
  }

  #special(): void {
    const char = this.#text.charAt(this.#at);
    switch (char) {
      case "\n":
        return this.#leaf({ kind: "break" }, 1);
      case "\\":
        return this.#escape();
      case "`":
        return this.#code();
      case "*":
      case "_":
      case "~":
        return this.#stars(char);
      case "[":
        return this.#bracket("[");
      case "!":
        return this.#text.startsWith("![", this.#at) ? this.#bracket("![") : this.#literal(1);
      case "]":
        return this.#closeBracket();
      case "<":
        return this.#angle();
      case "&":
        return this.#entity();
      case "@":
        return this.#mail();
      case "$":
        return this.#math();
      default:
        return this.#link(readUrl(this.#text, this.#at));
    }
  }

  #escape(): void {
    const next = this.#text.charAt(this.#at + 1);
    if (next === "\n") return this.#leaf({ kind: "break" }, 2);
    if (!ESCAPABLE.test(next)) return this.#literal(1);
    this.#plain(next);
    this.#at += 2;
  }

  #code(): void {
    CODE_MARK.lastIndex = this.#at;
    const mark = CODE_MARK.exec(this.#text)?.[0] ?? "`";
    const from = this.#at + mark.length;
    const end = this.#unclosed.has(mark.length) ? -1 : this.#endOfCode(mark.length, from);
    if (end < 0) {
      this.#unclosed.add(mark.length);
      return this.#literal(mark.length);
    }
    const inside = this.#text.slice(from, end).replaceAll("\n", " ");
    const isPadded = inside.startsWith(" ") && inside.endsWith(" ") && inside.trim() !== "";
    const text = isPadded ? inside.slice(1, -1) : inside;
    this.#leaf({ kind: "code", text }, end + mark.length - this.#at);
  }

  #endOfCode(length: number, from: number): number {
    let at = this.#text.indexOf("`", from);
    while (at >= 0) {
      this.#fuel.spend(1);
      let end = at;
      while (this.#text[end] === "`") end += 1;
      if (end - at === length) return at;
      at = this.#text.indexOf("`", end);
    }
    return -1;
  }

  #stars(char: "*" | "_" | "~"): void {
    let end = this.#at;
    while (this.#text[end] === char) end += 1;
    const token = this.#emphasis.add(char, this.#at, { end, text: this.#text });
    if (token === null) return this.#literal(end - this.#at);
    this.#tokens.push(token);
    this.#at = end;
  }

  #bracket(text: "[" | "!["): void {
    const token = { kind: "text-or-link", text, href: null } as const satisfies Token;
    this.#tokens.push(token);
    this.#brackets.push({ token, stars: this.#emphasis.count, isImage: text === "![" });
    this.#at += text.length;
  }

  #closeBracket(): void {
    const bracket = this.#brackets.pop();
    const address = bracket && readAddress(this.#text, this.#at + 1, this.#fuel);
    if (bracket === undefined || address === null || address === undefined) return this.#literal(1);
    bracket.token.href = address.href;
    this.#emphasis.pair(bracket.stars);
    this.#tokens.push({ kind: "end-of-link" });
    this.#at = address.end;
    if (!bracket.isImage) this.#brackets = this.#brackets.filter(({ isImage }) => isImage);
  }

  #angle(): void {
    this.#link(readAngled(this.#text, this.#at));
  }

  #entity(): void {
    ENTITY.lastIndex = this.#at;
    const match = ENTITY.exec(this.#text);
    const char = match && decodeEntity(match);
    if (match === null || char === null) return this.#literal(1);
    this.#plain(char);
    this.#at += match[0].length;
  }

  #mail(): void {
    const last = this.#tokens.at(-1);
    if (last?.kind !== "text") return this.#literal(1);
    const mail = readMail(this.#text, this.#at, last.text);
    if (mail !== null) last.text = last.text.slice(0, -mail.name.length);
    this.#link(mail);
  }

  #math(): void {
    const found = readFormula(this.#text, this.#at, this.#fuel);
    if (found.formula === null) return this.#literal(found.length);
    this.#leaf(found.formula, found.length);
  }

  #link(
    found: { readonly href: string; readonly text: string; readonly end: number } | null,
  ): void {
    if (found === null) return this.#literal(1);
    const children = [this.#fuel.node({ kind: "text", text: found.text } as const)];
    this.#leaf({ kind: "link", href: found.href, children }, found.end - this.#at);
  }

  #leaf(node: Inline, length: number): void {
    this.#tokens.push({ kind: "leaf", node });
    this.#at += length;
  }

  #literal(length: number): void {
    this.#plain(this.#text.slice(this.#at, this.#at + length));
    this.#at += length;
  }

  #plain(text: string): void {
    if (text === "") return;
    const last = this.#tokens.at(-1);
    if (last?.kind === "text") last.text += text;
    else this.#tokens.push({ kind: "text", text });
  }
}

/** An element that is open while the tree is made. */
interface Open {
  readonly children: Inline[];
  readonly close: (children: readonly Inline[]) => Inline;
}

function toTree(tokens: readonly Token[], fuel: Fuel): readonly Inline[] {
  const root: Inline[] = [];
  const opened: (Open | "too deep")[] = [];
  let top = root;
  const add = (node: Inline) => {
    const last = top.at(-1);
    if (node.kind !== "text") top.push(fuel.node(node));
    else if (last?.kind === "text")
      top[top.length - 1] = { kind: "text", text: last.text + node.text };
    else if (node.text !== "") top.push(fuel.node(node));
  };
  const open = (close: Open["close"]) => {
    if (opened.length >= MOST_NESTED) return void opened.push("too deep");
    const children: Inline[] = [];
    opened.push({ children, close });
    top = children;
  };
  const close = () => {
    const done = opened.pop();
    if (done === undefined || done === "too deep") return;
    const under = opened.at(-1);
    top = under === undefined || under === "too deep" ? root : under.children;
    add(done.close(done.children));
  };
  for (const token of tokens) {
    fuel.spend(1);
    switch (token.kind) {
      case "leaf":
        add(token.node);
        break;
      case "text":
        add({ kind: "text", text: token.text });
        break;
      case "marks":
        for (const _ of token.closes) close();
        add({ kind: "text", text: token.text });
        for (const kind of token.opens) open((children) => ({ kind, children }));
        break;
      case "text-or-link": {
        const { href, text } = token;
        if (href === null) add({ kind: "text", text });
        else open((children) => linkOf(href, children));
        break;
      }
      case "end-of-link":
        close();
        break;
    }
  }
  return root;
}

function linkOf(href: string, children: readonly Inline[]): Inline {
  const text = { kind: "text", text: href } as const;
  return { kind: "link", href, children: children.length > 0 ? withoutLinks(children) : [text] };
}

/** A link in a link, such as a badge, is the outer one's text. */
function withoutLinks(children: readonly Inline[]): readonly Inline[] {
  return children.flatMap((child): readonly Inline[] => {
    if (!("children" in child)) return [child];
    const inner = withoutLinks(child.children);
    return child.kind === "link" ? inner : [{ ...child, children: inner }];
  });
}
