// Which theme the host has, kept up to date on our host element: `data-theme` (light or dark),
// `data-palette` (the host's variables or our own), and the colours that must be measured
// because they depend on others: text on the accent; muted text, accent and states as text.

import type { Theme, View } from "../view.ts";
import {
  contrast,
  formatColour,
  isDark,
  over,
  parseColour,
  type Rgba,
  readable,
  textOn,
} from "./contrast.ts";

type Themed = Pick<View, "host" | "root" | "theme">;
type Shade = "light" | "dark";

const WHITE: Rgba = [255, 255, 255, 1];
const BLACK: Rgba = [0, 0, 0, 1];

/** Starts following the host's theme; the returned function stops. */
export function followTheme({ host, root, theme }: Themed): () => void {
  const probe = document.createElement("span");
  probe.hidden = true;
  root.append(probe);
  let frame = 0;
  const apply = (): void => applyTheme(host, probe, theme.peek());
  const later = (): void => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(apply); // the host's new style sheet is in effect by then
  };
  const observer = new MutationObserver(later);
  const attributes = [
    "class",
    "style",
    "theme",
    "data-theme",
    "data-jp-theme-light",
    "data-jp-theme-name",
  ];
  for (const element of [document.documentElement, document.body]) {
    observer.observe(element, { attributes: true, attributeFilter: attributes });
  }
  observer.observe(document.head, { childList: true }); // Jupyter swaps the theme's style sheet
  const media = matchMedia("(prefers-color-scheme: dark)");
  media.addEventListener("change", later);
  document.head.addEventListener("load", later, true); // the swapped sheet has arrived
  const unsubscribe = theme.subscribe(apply);
  const displayed = new ResizeObserver(() => {
    displayed.disconnect();
    apply(); // there is nothing to measure before
  });
  displayed.observe(host);
  return () => {
    displayed.disconnect();
    unsubscribe();
    cancelAnimationFrame(frame);
    observer.disconnect();
    media.removeEventListener("change", later);
    document.head.removeEventListener("load", later, true);
    probe.remove();
  };
}

function applyTheme(host: HTMLElement, probe: HTMLElement, wanted: Theme): void {
  const found = hostShade(host);
  const shade = wanted === "auto" ? found : wanted;
  host.dataset["theme"] = shade;
  host.dataset["palette"] = shade === found ? "host" : "own";
  const colour = (token: string, fallback: Rgba): Rgba => {
    probe.style.color = `var(${token})`;
    return parseColour(getComputedStyle(probe).color) ?? fallback;
  };
  const ground = over(colour("--jc-bg", shade === "dark" ? BLACK : WHITE), WHITE);
  const raised = over(colour("--jc-surface", ground), ground);
  const text = over(colour("--jc-text", shade === "dark" ? WHITE : BLACK), ground);
  const accent = over(colour("--jc-accent", text), ground);
  const set = (token: string, value: Rgba): void =>
    host.style.setProperty(token, formatColour(value));
  set("--jc-on-accent", textOn(accent));
  const tint: Rgba = over([accent[0], accent[1], accent[2], 0.14], raised);
  const fit = (value: Rgba): Rgba =>
    readable(value, contrast(text, tint) > 4.6 ? text : textOn(tint), [ground, raised, tint]);
  set("--jc-accent-text", fit(accent));
  set("--jc-muted", fit(over([text[0], text[1], text[2], 0.7], ground)));
  for (const state of ["error", "warning", "success"]) {
    set(`--jc-${state}-text`, fit(over(colour(`--jc-${state}`, text), ground)));
  }
}

/** Jupyter says it, then VS Code, then Colab, then the measured background, then the system. */
function hostShade(host: HTMLElement): Shade {
  const { body, documentElement } = document;
  const jupyter = body.dataset["jpThemeLight"];
  if (jupyter !== undefined) return jupyter === "false" ? "dark" : "light";
  const code = body.classList;
  if (code.contains("vscode-light") || code.contains("vscode-high-contrast-light")) return "light";
  if (code.contains("vscode-dark") || code.contains("vscode-high-contrast")) return "dark";
  const named = documentElement.getAttribute("theme");
  if (named === "dark" || named === "light") return named;
  const ground = groundBehind(host);
  if (ground !== null) return isDark(ground) ? "dark" : "light";
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

function groundBehind(host: HTMLElement): Rgba | null {
  for (let element = parentOf(host); element !== null; element = parentOf(element)) {
    const colour = parseColour(getComputedStyle(element).backgroundColor);
    if (colour !== null && colour[3] > 0.5) return colour;
  }
  return null;
}

function parentOf(element: Element): Element | null {
  if (element.parentElement !== null) return element.parentElement;
  const root = element.getRootNode();
  return root instanceof ShadowRoot ? root.host : null;
}
