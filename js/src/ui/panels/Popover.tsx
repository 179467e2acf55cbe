import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { useUi } from "../ui.ts";
import { holdPopover } from "./hold.ts";

interface Props {
  readonly opener: HTMLElement;
  readonly role: "menu" | "dialog";
  readonly label: string;
  readonly side?: "above" | "below";
  readonly align?: "start" | "center" | "end";
  readonly children: ComponentChildren;
}

/** A panel in the top layer, beside what opened it. Esc, a click or Tab outside closes it. */
export function Popover({ opener, role, label, side = "below", align = "end", children }: Props) {
  const ui = useUi();
  const panel = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (panel.current === null) return;
    return holdPopover(panel.current, { opener, side, align, ui });
  }, [opener]);
  return (
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: it has one of two roles
    <div
      class="jc-Popover"
      popover="manual"
      ref={panel}
      role={role}
      aria-label={label}
      tabIndex={-1}
      data-kind={role}
    >
      {children}
    </div>
  );
}
