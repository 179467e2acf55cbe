// A message's text as a typed tree. There is no HTML anywhere: the tree is drawn as elements
// and text nodes, and a link's address has passed the allow-list in `link.ts`.

/** TeX from between dollars; a displayed one stands on lines of its own. */
export interface Formula {
  readonly kind: "math";
  readonly tex: string;
  readonly isDisplayed: boolean;
}

export type Inline =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "break" }
  | { readonly kind: "code"; readonly text: string }
  | Formula
  | { readonly kind: "strong" | "em" | "del"; readonly children: readonly Inline[] }
  | { readonly kind: "link"; readonly href: string; readonly children: readonly Inline[] };

export type Align = "start" | "center" | "end" | null;

export interface Cell {
  readonly align: Align;
  readonly children: readonly Inline[];
}

export interface ListItem {
  /** Null if it is not a task. */
  readonly checked: boolean | null;
  readonly children: readonly Block[];
}

export type Block =
  | { readonly kind: "paragraph"; readonly children: readonly Inline[] }
  | {
      readonly kind: "heading";
      readonly level: 1 | 2 | 3 | 4 | 5 | 6;
      readonly children: readonly Inline[];
    }
  | { readonly kind: "code"; readonly text: string; readonly language: string }
  | Formula
  | { readonly kind: "quote"; readonly children: readonly Block[] }
  | {
      readonly kind: "list";
      /** Null for a bullet list. */
      readonly start: number | null;
      /** No blank lines between the items. */
      readonly tight: boolean;
      readonly items: readonly ListItem[];
    }
  | {
      readonly kind: "table";
      readonly head: readonly Cell[];
      readonly rows: readonly (readonly Cell[])[];
    }
  | { readonly kind: "rule" };
