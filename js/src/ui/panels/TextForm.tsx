import { useLayoutEffect, useRef } from "preact/hooks";
import { isComposing } from "../dom.ts";

interface Props {
  readonly label: string;
  readonly value: string;
  readonly maxLength: number;
  readonly onSave: (text: string) => void;
  readonly onCancel: () => void;
  readonly onBlur?: (text: string) => void;
}

/** One short text: Enter saves it, Esc leaves it as it was. */
export function TextForm({ label, value, maxLength, onSave, onCancel, onBlur }: Props) {
  const field = useRef<HTMLInputElement>(null);
  const isDone = useRef(false);
  const finish = (then: () => void): void => {
    if (isDone.current) return;
    isDone.current = true;
    then();
  };
  const written = (): string => field.current?.value.trim() ?? "";
  const onKeyDown = (event: KeyboardEvent): void => {
    if (isComposing(event)) return;
    if (event.key === "Enter") onSave(written());
    else if (event.key === "Escape") finish(onCancel);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  useLayoutEffect(() => field.current?.select(), []);
  return (
    <input
      class="jc-TextForm"
      type="text"
      ref={field}
      aria-label={label}
      defaultValue={value}
      maxLength={maxLength}
      dir="auto"
      data-first="true"
      onKeyDown={onKeyDown}
      onBlur={() => onBlur !== undefined && finish(() => onBlur(written()))}
    />
  );
}
