// Whether an element's content is wider than the element, or higher than a limit.

import { type ReadonlySignal, useSignal } from "@preact/signals";
import type { RefObject } from "preact";
import { useLayoutEffect } from "preact/hooks";

export interface Overflow {
  readonly isWide: boolean;
  readonly isHigh: boolean;
}

const FITS: Overflow = { isWide: false, isHigh: false };

/** Measured when the element changes its size, or the text in it. */
export function useOverflow(
  ref: RefObject<HTMLElement | null>,
  maxHeight: number,
  text?: string,
): ReadonlySignal<Overflow> {
  const overflow = useSignal(FITS);
  useLayoutEffect(() => {
    const element = ref.current;
    if (element === null) return;
    const measure = (): void => {
      const isWide = element.scrollWidth > element.clientWidth + 1;
      const isHigh = element.scrollHeight > maxHeight;
      const { value } = overflow;
      if (isWide !== value.isWide || isHigh !== value.isHigh) overflow.value = { isWide, isHigh };
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [maxHeight, text]);
  return overflow;
}
