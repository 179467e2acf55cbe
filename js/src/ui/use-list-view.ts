// Gives the message list its DOM side, and tells that when rows change.

import type { RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { ListView } from "./list-view.ts";
import { useUi } from "./ui.ts";

type Box = RefObject<HTMLElement | null>;

export function useListView(box: Box, content: Box): void {
  const ui = useUi();
  const view = useRef<ListView | null>(null);
  view.current?.beforeRows();
  useLayoutEffect(() => {
    if (box.current === null || content.current === null) return;
    const made = new ListView(box.current, content.current, ui);
    view.current = made;
    ui.list.trim();
    ui.list.open();
    return () => made.stop();
  }, []);
  useLayoutEffect(() => view.current?.afterRows());
}
