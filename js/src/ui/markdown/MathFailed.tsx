import type { Block, Inline } from "../../markdown/tree.ts";
import { useUi } from "../ui.ts";
import { t } from "./text.ts";

/** Under a message with formulas, when what draws them could not be loaded. */
export function MathFailed({ blocks }: { readonly blocks: readonly Block[] }) {
  const { math } = useUi();
  if (math.state.value !== "failed" || !blocks.some(hasMath)) return null;
  return (
    <p class="jc-Math-failed">
      {t("couldntLoad", t("mathematics"))}{" "}
      <button type="button" class="jc-TextButton" tabIndex={-1} onClick={() => math.retry()}>
        {t("retry")}
      </button>
    </p>
  );
}

function hasMath(node: Block | Inline): boolean {
  switch (node.kind) {
    case "math":
      return true;
    case "list":
      return node.items.some(({ children }) => children.some(hasMath));
    case "table":
      return [node.head, ...node.rows].flat().some(({ children }) => children.some(hasMath));
    default:
      return "children" in node && node.children.some(hasMath);
  }
}
