import { type Ui, useUi } from "../ui.ts";
import { type IconName, MenuIcon } from "./MenuIcon.tsx";

export interface MenuItem {
  readonly icon: IconName;
  readonly label: string;
  readonly hint?: string;
  readonly isDanger?: boolean;
  readonly run: () => void;
}

/** A menu: arrows, Home and End move, Enter chooses, Tab leaves. */
export function Menu({ items }: { readonly items: readonly MenuItem[] }) {
  const ui = useUi();
  return (
    <div class="jc-Menu" role="none" onKeyDown={(event) => onMenuKey(event, ui)}>
      {items.map((item, index) => (
        <button
          key={item.label}
          type="button"
          role="menuitem"
          class="jc-MenuItem"
          tabIndex={-1}
          data-first={index === 0}
          data-kind={item.isDanger ? "danger" : undefined}
          onClick={() => {
            ui.close();
            item.run();
          }}
        >
          <MenuIcon name={item.icon} />
          <span class="jc-MenuItem-label">{item.label}</span>
          {item.hint !== undefined && <kbd>{item.hint}</kbd>}
        </button>
      ))}
    </div>
  );
}

function onMenuKey(event: KeyboardEvent, ui: Ui): void {
  if (event.key === "Tab") return ui.close(); // from the opener the browser moves on
  const { currentTarget, target, key } = event;
  if (!(currentTarget instanceof HTMLElement) || !(target instanceof HTMLElement)) return;
  const items = [...currentTarget.querySelectorAll<HTMLElement>("[role=menuitem]")];
  const at = items.indexOf(target);
  const last = items.length - 1;
  const to = {
    ArrowDown: at < last ? at + 1 : 0,
    ArrowUp: at > 0 ? at - 1 : last,
    Home: 0,
    End: last,
  };
  const next = Object.entries(to).find(([name]) => name === key)?.[1];
  if (next === undefined) return;
  event.preventDefault();
  items[next]?.focus();
}
