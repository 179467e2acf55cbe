// Contrast by WCAG 2: which text colour can be read on which ground. Pure.

/** Red, green, blue, each 0 to 255, and alpha 0 to 1. */
export type Rgba = readonly [number, number, number, number];

const WHITE: Rgba = [255, 255, 255, 1];
const BLACK: Rgba = [0, 0, 0, 1];
const ENOUGH = 4.6; // a little over 4.5, for rounding

/** Reads what `getComputedStyle` answers: `rgb(…)`, `rgba(…)` or `color(srgb …)`. */
export function parseColour(text: string): Rgba | null {
  const numbers = (text.match(/-?\d*\.?\d+(?:e-?\d+)?/g) ?? []).map(Number);
  const [red, green, blue, alpha = 1] = numbers;
  if (red === undefined || green === undefined || blue === undefined) return null;
  if (text.startsWith("rgb")) return [red, green, blue, alpha];
  if (text.startsWith("color(srgb")) return [red * 255, green * 255, blue * 255, alpha];
  return null;
}

export function formatColour([red, green, blue]: Rgba): string {
  return `rgb(${Math.round(red)} ${Math.round(green)} ${Math.round(blue)})`;
}

/** `top` painted over `ground`. */
export function over(top: Rgba, ground: Rgba): Rgba {
  return mix(top, ground, top[3]);
}

export function contrast(a: Rgba, b: Rgba): number {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return ((high ?? 0) + 0.05) / ((low ?? 0) + 0.05);
}

export function isDark(colour: Rgba): boolean {
  return luminance(colour) < 0.18;
}

/** White if it reads well on `ground`, else black, which then does. */
export function textOn(ground: Rgba): Rgba {
  return contrast(WHITE, ground) >= 4.5 ? WHITE : BLACK;
}

/** `colour` moved towards `text` until it can be read on every ground. */
export function readable(colour: Rgba, text: Rgba, grounds: readonly Rgba[]): Rgba {
  for (let part = 1; part > 0; part -= 0.05) {
    const tried = mix(colour, text, part);
    if (grounds.every((ground) => contrast(tried, ground) >= ENOUGH)) return tried;
  }
  return text;
}

function mix(a: Rgba, b: Rgba, part: number): Rgba {
  const blend = (x: number, y: number): number => x * part + y * (1 - part);
  return [blend(a[0], b[0]), blend(a[1], b[1]), blend(a[2], b[2]), 1];
}

function luminance([red, green, blue]: Rgba): number {
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

function linear(channel: number): number {
  const part = channel / 255;
  return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
}
