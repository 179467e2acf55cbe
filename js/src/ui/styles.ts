// The style sheets of the shadow root, adopted so that a strict page policy allows them.

import base from "./base.css";
import body from "./body.css";
import composer from "./composer.css";
import header from "./header.css";
import list from "./list.css";
import message from "./message.css";
import popover from "./popover.css";
import tokens from "./tokens.css";

let sheet: CSSStyleSheet | null = null;

/** Gives `root` the one sheet that all widgets of the page share. */
export function adoptStyles(root: ShadowRoot): void {
  if (sheet === null) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync([tokens, base, header, list, message, body, composer, popover].join("\n"));
  }
  root.adoptedStyleSheets = [sheet];
}
