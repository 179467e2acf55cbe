import { useLayoutEffect, useRef } from "preact/hooks";
import type { Emoji } from "../../chunks/types.ts";
import { habits } from "../emoji-habits.ts";
import { putBeside, showOnTop } from "../popover.ts";
import { useUi } from "../ui.ts";
import { applyChange } from "./change.ts";
import { type Completion, LIST_ID, rowId, toned } from "./completion.ts";
import { t } from "./text.ts";

const SCROLL = { capture: true, passive: true };

/** Emoji whose name is being typed, above the field; the focus stays in the field. */
export function Suggestions({ completion }: { readonly completion: Completion }) {
  const ui = useUi();
  const panel = useRef<HTMLDivElement>(null);
  const items = completion.items.value;
  useLayoutEffect(() => {
    const opener = ui.field?.parentElement;
    if (panel.current === null || opener == null) return;
    const list = panel.current;
    const put = (): void => putBeside(list, { opener, side: "above", align: "start", ui });
    showOnTop(list);
    put();
    window.addEventListener("resize", put);
    document.addEventListener("scroll", put, SCROLL);
    return () => {
      window.removeEventListener("resize", put);
      document.removeEventListener("scroll", put, SCROLL);
    };
  }, [items]);
  const take = (index: number): void => {
    const change = completion.take(index, ui.field?.selectionStart ?? 0);
    if (ui.field !== null && change !== null) applyChange(ui.field, change);
  };
  return (
    <>
      {items.length > 0 && (
        <div
          class="jc-Popover jc-Menu"
          popover="manual"
          data-kind="suggestions"
          ref={panel}
          role="listbox"
          id={LIST_ID}
          aria-label={t("emojiSuggestions")}
          tabIndex={-1}
        >
          {items.map((item, index) => (
            <Row
              key={item.emoji}
              item={item}
              index={index}
              isActive={index === completion.active.value}
              take={take}
            />
          ))}
        </div>
      )}
      <span class="jc-Hidden" role="status">
        {items.length > 0 && t("suggestions", items.length)}
      </span>
    </>
  );
}

interface RowProps {
  readonly item: Emoji;
  readonly index: number;
  readonly isActive: boolean;
  readonly take: (index: number) => void;
}

function Row({ item, index, isActive, take }: RowProps) {
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the field has the keys
    // biome-ignore lint/a11y/useFocusableInteractive: the field keeps the focus
    <div
      class="jc-MenuItem"
      role="option"
      id={rowId(index)}
      aria-selected={isActive}
      onPointerDown={(event) => event.preventDefault()}
      onClick={() => take(index)}
    >
      <span class="jc-Emoji">{toned(item, habits.value.tone)}</span>
      <span class="jc-MenuItem-label">:{item.shortcode}:</span>
    </div>
  );
}
