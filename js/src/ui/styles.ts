// The style sheets of the shadow root, adopted so that a strict page policy allows them.

import base from "./base.css";
import composer from "./composer.css";
import header from "./header.css";
import list from "./list.css";
import message from "./message.css";
import popover from "./popover.css";
import tokens from "./tokens.css";

const CORE = [tokens, base, header, list, message, composer, popover].join("\n");

/** By their text: all widgets of the page share them. */
const sheets = new Map<string, CSSStyleSheet>();

/** Gives `root` the core's sheet, or a chunk's, once. */
export function adoptStyles(root: ShadowRoot, css = CORE): void {
  const sheet = sheets.get(css) ?? new CSSStyleSheet();
  if (!sheets.has(css)) sheet.replaceSync(css);
  sheets.set(css, sheet);
  const adopted = root.adoptedStyleSheets;
  if (!adopted.includes(sheet)) root.adoptedStyleSheets = [...adopted, sheet];
}
