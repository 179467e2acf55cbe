import { useLayoutEffect, useMemo } from "preact/hooks";
import { useUi } from "../ui.ts";
import { DrawnFormula } from "./DrawnFormula.tsx";
import { t } from "./text.ts";

interface Props {
  readonly tex: string;
  readonly isDisplayed: boolean;
}

/** A formula as MathML; its source until that can be drawn, and if it can't. */
export function Formula({ tex, isDisplayed }: Props) {
  const { math } = useUi();
  useLayoutEffect(() => math.want(), []);
  const chunk = math.value.value;
  const drawn = useMemo(() => chunk?.draw(tex, isDisplayed), [chunk, tex, isDisplayed]);
  if (drawn?.kind === "drawn") {
    return <DrawnFormula isDisplayed={isDisplayed}>{drawn.children}</DrawnFormula>;
  }
  const dollars = isDisplayed ? "$$" : "$";
  return (
    <code
      class="jc-Math-source"
      dir="ltr"
      tabIndex={-1}
      data-display={isDisplayed}
      data-tip={drawn && t("badFormula", drawn.why)}
    >
      {dollars + tex + dollars}
    </code>
  );
}
