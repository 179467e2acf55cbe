import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { putBeside, showOnTop } from "./popover.ts";
import { followTips } from "./tips.ts";
import { useUi } from "./ui.ts";

/** One tooltip for all: shows the `data-tip` of what is hovered or focused. */
export function Tooltip() {
  const ui = useUi();
  const target = useSignal<HTMLElement | null>(null);
  const tip = useRef<HTMLDivElement>(null);
  const text = target.value?.dataset["tip"] ?? "";
  useEffect(() => followTips(ui.view.root, target), []);
  useLayoutEffect(() => {
    if (tip.current === null || target.value === null) return;
    showOnTop(tip.current);
    putBeside(tip.current, { opener: target.value, side: "above", align: "center", ui });
  }, [target.value, text]);
  if (text === "") return null;
  return (
    <div class="jc-Tip" popover="manual" data-kind="menu" ref={tip} aria-hidden="true" dir="auto">
      {text}
    </div>
  );
}
