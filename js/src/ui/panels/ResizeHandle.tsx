import { clampPx, MIN_PX, maxPx } from "../../height.ts";
import { useUi } from "../ui.ts";
import { t } from "./text.ts";

const STEP = 24;

/** The bottom edge: drag it, or use Up and Down, to change the height. */
export function ResizeHandle() {
  const { height } = useUi().view;
  const set = (px: number): void => {
    height.value = clampPx(px);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = event.key === "ArrowUp" ? -STEP : event.key === "ArrowDown" ? STEP : undefined;
    if (step === undefined) return;
    event.preventDefault();
    set(height.peek() + step);
  };
  const onPointerDown = (event: PointerEvent): void => {
    const { currentTarget: handle, clientY, pointerId } = event;
    if (!(handle instanceof HTMLElement) || event.button !== 0) return;
    const from = height.peek();
    handle.setPointerCapture(pointerId);
    handle.onpointermove = (move) => set(from + move.clientY - clientY);
    handle.onlostpointercapture = () => {
      handle.onpointermove = null;
    };
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a separator that can be moved
    <div
      class="jc-Resize"
      role="separator"
      aria-orientation="horizontal"
      aria-label={t("resize")}
      aria-valuemin={MIN_PX}
      aria-valuemax={maxPx()}
      aria-valuenow={height.value}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onPointerDown={onPointerDown}
    />
  );
}
