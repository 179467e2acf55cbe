import { useLayoutEffect, useRef } from "preact/hooks";
import { elementIn } from "./dom.ts";
import { Empty } from "./Empty.tsx";
import { ListTop } from "./ListTop.tsx";
import { onListKey } from "./list-keys.ts";
import { RowView } from "./RowView.tsx";
import { t } from "./text.ts";
import { useUi } from "./ui.ts";
import { useListView } from "./use-list-view.ts";

export function MessageList() {
  const ui = useUi();
  const { list } = ui;
  const box = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const rows = list.rows.value;
  const last = rows.findLast((row) => row.kind === "message")?.key ?? null;
  useListView(box, content);
  useLayoutEffect(() => list.trim(), [list.messages.value]);
  return (
    <div
      class="jc-List"
      ref={box}
      role="log"
      aria-live="off"
      aria-label={t("messages")}
      onKeyDown={(event) => onListKey(event, ui)}
      onPointerOver={({ target, pointerType }) => {
        if (pointerType !== "touch") list.hot.value = keyOf(target);
      }}
      onPointerLeave={() => {
        list.hot.value = null;
      }}
      onFocusIn={({ target }) => {
        const key = keyOf(target);
        list.focused.value = key;
        if (key !== null) list.current.value = key;
      }}
      onFocusOut={() => {
        list.focused.value = null;
      }}
    >
      <div class="jc-List-content" ref={content}>
        <ListTop />
        {list.messages.value.length === 0 && <Empty />}
        {rows.map((row) => (
          <RowView key={row.key} row={row} last={last} stop={list.stop.value} />
        ))}
      </div>
    </div>
  );
}

function keyOf(target: EventTarget | null): string | null {
  return elementIn(target, ".jc-Message")?.dataset["key"] ?? null;
}
