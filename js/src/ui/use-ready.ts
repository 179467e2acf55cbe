// When the messages can be shown.

import { useLayoutEffect, useRef } from "preact/hooks";
import { MAX_SHOWN } from "./span.ts";
import type { Ui } from "./ui.ts";

/** Messages wait for their formatting, so that they never jump, and at first for what is unread. */
export function useReady({ store, markdown }: Ui): boolean {
  const isComplete = useRef(false);
  const isLoaded = store.loaded.value && ["ready", "failed"].includes(markdown.state.value);
  const { length, 0: first } = store.messages.value;
  const older = store.older.value;
  const isMissing =
    (older === "idle" || older === "loading") &&
    length < MAX_SHOWN &&
    (first?.seq ?? 0) > store.readMark.value + 1;
  isComplete.current ||= store.loaded.value && !isMissing;
  const wantsOlder = isLoaded && !isComplete.current && older === "idle";
  useLayoutEffect(() => {
    if (wantsOlder) store.loadOlder();
  }, [wantsOlder]);
  return isLoaded && isComplete.current;
}
