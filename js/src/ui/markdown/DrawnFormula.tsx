import type { ComponentChild } from "preact";
import { useRef } from "preact/hooks";
import { jsx } from "preact/jsx-runtime";
import type { MathNode } from "../../chunks/types.ts";
import { useOverflow } from "../use-overflow.ts";
import { t } from "./text.ts";

interface Props {
  readonly isDisplayed: boolean;
  readonly children: readonly (MathNode | string)[];
}

/** MathML in a box of its own: scrolls sideways if it is too wide; reached by Tab only then. */
export function DrawnFormula({ isDisplayed, children }: Props) {
  const box = useRef<HTMLSpanElement>(null);
  const { isWide } = useOverflow(box, Number.POSITIVE_INFINITY).value;
  const scrolls = isWide && ({ tabIndex: 0, role: "group", "aria-label": t("formula") } as const);
  return (
    <span class="jc-Math" dir="ltr" ref={box} data-display={isDisplayed} {...scrolls}>
      <math display={isDisplayed ? "block" : "inline"}>{children.map(element)}</math>
    </span>
  );
}

function element(node: MathNode | string, key: number): ComponentChild {
  if (typeof node === "string") return node;
  const { tag, attributes, style, className, children } = node;
  const looks = { ...attributes, style, class: className || undefined };
  return jsx(tag, { ...looks, children: children.map(element) }, String(key));
}
