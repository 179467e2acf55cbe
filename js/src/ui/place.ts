// Where a menu, picker or tooltip goes: beside its anchor, flipped and moved so that it stays
// inside the window. Pure; all numbers are CSS px in the window.

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Placement {
  /** The preferred side; the other one is taken if there is more room. */
  readonly side: "above" | "below";
  /** Which edges line up, in the reading direction. */
  readonly align: "start" | "center" | "end";
}

export interface Request extends Placement {
  readonly anchor: Box;
  readonly size: { readonly width: number; readonly height: number };
  readonly window: { readonly width: number; readonly height: number };
  readonly rtl: boolean;
}

export interface Spot {
  readonly x: number;
  readonly y: number;
  readonly side: "above" | "below";
  readonly maxHeight: number;
}

const GAP = 4;
const MARGIN = 8;

export function place(request: Request): Spot {
  const { anchor, size, window } = request;
  const below = window.height - MARGIN - GAP - (anchor.y + anchor.height);
  const above = anchor.y - GAP - MARGIN;
  const side = pickSide(request.side, size.height, above, below);
  const maxHeight = Math.max(0, side === "below" ? below : above);
  const height = Math.min(size.height, maxHeight);
  const y = side === "below" ? anchor.y + anchor.height + GAP : anchor.y - GAP - height;
  return {
    x: alignX(request),
    y: clamp(y, MARGIN, window.height - MARGIN - height),
    side,
    maxHeight,
  };
}

function pickSide(
  wanted: Spot["side"],
  height: number,
  above: number,
  below: number,
): Spot["side"] {
  const [here, there] = wanted === "above" ? [above, below] : [below, above];
  if (height <= here || here >= there) return wanted;
  return wanted === "above" ? "below" : "above";
}

function alignX({ anchor, size, window, align, rtl }: Request): number {
  const left = anchor.x;
  const right = anchor.x + anchor.width - size.width;
  const centre = (left + right) / 2;
  const x = align === "center" ? centre : (align === "start") !== rtl ? left : right;
  return clamp(x, MARGIN, window.width - MARGIN - size.width);
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(value, high));
}
