import { useLayoutEffect, useRef } from "preact/hooks";
import { elementIn } from "./dom.ts";
import { Empty } from "./Empty.tsx";
import { ListTop } from "./ListTop.tsx";
import { onListKey } from "./list-keys.ts";
import { RowView } from "./RowView.tsx";
import { t } from "./text.ts";
import { type Ui, useUi } from "./ui.ts";
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
      tabIndex={-1} // else Firefox stops here too
      onKeyDown={(event) => onListKey(event, ui)}
      onPointerOver={({ target, pointerType }) => {
        if (pointerType !== "touch") list.hot.value = keyOf(target);
      }}
      onPointerLeave={() => {
        list.hot.value = null;
      }}
      onClick={({ target }) => {
        list.hot.value = keyOf(target); // a finger's tap
      }}
      onContextMenu={(event) => openByPress(event, ui)}
      onFocusIn={({ target }) => {
        const key = keyOf(target);
        list.focused.value = key;
        if (key !== null) list.current.value = key;
      }}
      onFocusOut={() => {
        list.focused.value = null;
        ui.isLeaving = false;
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

/** A long press of a finger opens what can be done with a message. */
function openByPress(event: MouseEvent, ui: Ui): void {
  const row = elementIn(event.target, ".jc-Message");
  const key = row?.dataset["key"];
  const isTouch = event instanceof PointerEvent && event.pointerType === "touch";
  if (!isTouch || key === undefined) return;
  event.preventDefault();
  ui.open({ kind: "message", key }, row);
}

function keyOf(target: EventTarget | null): string | null {
  return elementIn(target, ".jc-Message")?.dataset["key"] ?? null;
}
