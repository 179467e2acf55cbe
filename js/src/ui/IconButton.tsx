import type { Ref } from "preact";
import { Icon, type IconName } from "./Icon.tsx";

interface Props {
  readonly icon: IconName;
  /** The accessible name, shown as the tooltip too. */
  readonly label: string;
  readonly onClick: (event: MouseEvent) => void;
  readonly tip?: string | undefined;
  readonly tabIndex?: number | undefined;
  readonly disabled?: boolean | undefined;
  readonly pressed?: boolean | undefined;
  readonly expanded?: boolean | undefined;
  readonly popup?: "menu" | "dialog" | undefined;
  readonly kind?: "accent" | "danger" | undefined;
  readonly buttonRef?: Ref<HTMLButtonElement> | undefined;
}

export function IconButton(props: Props) {
  return (
    <button
      type="button"
      class="jc-IconButton"
      ref={props.buttonRef ?? null}
      tabIndex={props.tabIndex}
      disabled={props.disabled}
      aria-label={props.label}
      aria-pressed={props.pressed}
      aria-expanded={props.expanded}
      aria-haspopup={props.popup}
      data-kind={props.kind}
      data-tip={props.tip ?? props.label}
      onClick={props.onClick}
    >
      <Icon name={props.icon} />
    </button>
  );
}
