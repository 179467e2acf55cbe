// The keyboard in the emoji picker: arrows move in the grid as it is laid out.

import { isComposing } from "../dom.ts";

const GRID = ".jc-Picker-emoji";

export function onPickerKey(event: KeyboardEvent): void {
  const { currentTarget: picker, target, key } = event;
  if (isComposing(event) || !(picker instanceof HTMLElement)) return;
  if (!(target instanceof HTMLElement)) return;
  const cells = [...picker.querySelectorAll<HTMLElement>(GRID)];
  const at = cells.indexOf(target);
  const isSearch = target.matches("input");
  if (at < 0 && !isSearch) return;
  if (isSearch) {
    if (key === "ArrowDown") focus(event, cells[0]);
    else if (key === "Enter") press(event, cells[0]);
    return;
  }
  const next = nextCell(cells, at, key, getComputedStyle(picker).direction === "rtl");
  if (next === "search") focus(event, picker.querySelector("input"));
  else if (next !== null) focus(event, next);
}

function nextCell(
  cells: readonly HTMLElement[],
  at: number,
  key: string,
  rtl: boolean,
): HTMLElement | "search" | null {
  const step = rtl ? -1 : 1;
  switch (key) {
    case "ArrowRight":
      return cells[at + step] ?? null;
    case "ArrowLeft":
      return cells[at - step] ?? null;
    case "ArrowDown":
      return below(cells, at) ?? null;
    case "ArrowUp":
      return above(cells, at) ?? "search";
    case "Home":
      return rowOf(cells, at)[0] ?? null;
    case "End":
      return rowOf(cells, at).at(-1) ?? null;
    default:
      return null;
  }
}

function rowOf(cells: readonly HTMLElement[], at: number): readonly HTMLElement[] {
  const top = cells[at]?.offsetTop;
  return cells.filter((cell) => cell.offsetTop === top);
}

function below(cells: readonly HTMLElement[], at: number): HTMLElement | undefined {
  return nearest(
    cells.slice(at).filter((cell) => cell.offsetTop > (cells[at]?.offsetTop ?? 0)),
    cells[at],
    1,
  );
}

function above(cells: readonly HTMLElement[], at: number): HTMLElement | undefined {
  return nearest(
    cells.slice(0, at).filter((cell) => cell.offsetTop < (cells[at]?.offsetTop ?? 0)),
    cells[at],
    -1,
  );
}

/** In the next row up or down, the one in the same column, else the row's last. */
function nearest(
  cells: readonly HTMLElement[],
  from: HTMLElement | undefined,
  direction: -1 | 1,
): HTMLElement | undefined {
  const top = (direction > 0 ? cells[0] : cells.at(-1))?.offsetTop;
  const row = cells.filter((cell) => cell.offsetTop === top);
  return row.find((cell) => cell.offsetLeft === from?.offsetLeft) ?? row.at(-1);
}

function focus(event: KeyboardEvent, element: HTMLElement | null | undefined): void {
  if (element == null) return;
  event.preventDefault();
  element.focus();
}

function press(event: KeyboardEvent, element: HTMLElement | undefined): void {
  if (element === undefined) return;
  event.preventDefault();
  element.click();
}
