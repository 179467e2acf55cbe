// What the heavy parts offer once they are loaded.

/** Text, or a run of tokens under one highlight.js class such as "hljs-keyword". */
export type TokenNode =
  | string
  | { readonly className: string; readonly children: readonly TokenNode[] };

export interface Highlighter {
  /** Null if the language is unknown or the code is too long to colour. */
  highlight(code: string, language: string): readonly TokenNode[] | null;
}

export interface Emoji {
  readonly emoji: string;
  readonly name: string;
  /** As typed between colons: "tada". */
  readonly shortcode: string;
  /** The same emoji in the five skin tones, light to dark; empty if it has none. */
  readonly tones: readonly string[];
}

export interface EmojiGroup {
  readonly id: string;
  readonly name: string;
  readonly emoji: readonly Emoji[];
}

export interface EmojiIndex {
  readonly groups: readonly EmojiGroup[];
  /** Best matches first, at most 60; by name, keyword and shortcode. */
  search(query: string): readonly Emoji[];
  /** `undefined` if this is not one of ours. */
  find(emoji: string): Emoji | undefined;
  /** By any of its shortcodes, without the colons. */
  named(shortcode: string): Emoji | undefined;
}

/** An element of MathML, of those that are allowed. */
export interface MathNode {
  readonly tag: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly style: Readonly<Record<string, string>>;
  readonly className: string;
  readonly children: readonly (MathNode | string)[];
}

/** What is inside a `math` element, or a sentence that says why it is not drawn. */
export type Drawn =
  | { readonly kind: "drawn"; readonly children: readonly (MathNode | string)[] }
  | { readonly kind: "refused"; readonly why: string };

export interface MathChunk {
  draw(tex: string, isDisplayed: boolean): Drawn;
}

/** What opens on a click or a key. */
export type PanelsChunk = typeof import("./panels.ts");

/** What draws the text of messages. */
export type MarkdownChunk = typeof import("./markdown.ts");

/** The way through the kernel. */
export type KernelChunk = typeof import("./kernel.ts");

/** What outlives the page. */
export type OfflineChunk = typeof import("./offline.ts");

export interface ChunkLoader {
  readonly highlight: () => Promise<Highlighter>;
  readonly emoji: () => Promise<EmojiIndex>;
  readonly math: () => Promise<MathChunk>;
  readonly markdown: () => Promise<MarkdownChunk>;
  readonly panels: () => Promise<PanelsChunk>;
}
