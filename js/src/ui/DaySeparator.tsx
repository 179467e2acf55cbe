import { dayLabel } from "./dates.ts";
import { today } from "./today.ts";

interface Props {
  readonly rowKey: string;
  readonly at: number;
}

export function DaySeparator({ rowKey, at }: Props) {
  const label = dayLabel(at, today.value);
  return (
    // biome-ignore lint/a11y/useSemanticElements: it has text
    <div class="jc-Day" role="separator" aria-label={label} data-key={rowKey}>
      <span class="jc-Day-label">{label}</span>
    </div>
  );
}
