// A button that turns into a form gets the focus back when the form has gone.

import { useRef } from "preact/hooks";

export interface FocusBack {
  /** The form is done by a key: whoever comes in its place is to have the focus. */
  want(): void;
  /** The `ref` of what comes in the form's place. */
  readonly ref: (element: HTMLElement | null) => void;
}

export function useFocusBack(): FocusBack {
  const isWanted = useRef(false);
  return {
    want() {
      isWanted.current = true;
    },
    ref(element) {
      if (element === null || !isWanted.current) return;
      isWanted.current = false;
      element.focus({ preventScroll: true });
    },
  };
}
