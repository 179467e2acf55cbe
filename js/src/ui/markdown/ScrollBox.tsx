import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { useOverflow } from "../use-overflow.ts";

interface Props {
  readonly label: string;
  readonly children: ComponentChildren;
}

/** Scrolls sideways what is too wide; reached by Tab only then. */
export function ScrollBox({ label, children }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const { isWide } = useOverflow(box, Number.POSITIVE_INFINITY).value;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would need a form
    <div class="jc-ScrollBox" ref={box} role="group" aria-label={label} tabIndex={isWide ? 0 : -1}>
      {children}
    </div>
  );
}
