import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { useUi } from "./ui.ts";

/** Around a button that may go while it has the focus: the composer gets it, not the page. */
export function Leaving({ children }: { readonly children: ComponentChildren }) {
  const ui = useUi();
  const box = useRef<HTMLSpanElement>(null);
  useLayoutEffect(() => {
    const span = box.current;
    return () => {
      if (span?.contains(ui.view.root.activeElement)) ui.focusComposer();
    };
  }, []);
  return (
    <span class="jc-Leaving" ref={box}>
      {children}
    </span>
  );
}
