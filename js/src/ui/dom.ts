// Small dealings with the browser that several components share.

export const isMac = /Mac|iPhone|iPad/.test(globalThis.navigator?.platform ?? "");

/** Ctrl, or Cmd on macOS, and no other modifier but Shift. */
export function isAccel(event: KeyboardEvent): boolean {
  return (
    (isMac ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey) && !event.altKey
  );
}

export function noModifier(event: KeyboardEvent): boolean {
  return !event.ctrlKey && !event.metaKey && !event.altKey;
}

const COMPOSING = 229; // what browsers give as `keyCode` while an input method is composing

/** Whether the key belongs to an input method, also the one that ends the composition. */
export function isComposing(event: KeyboardEvent): boolean {
  return event.isComposing || event.keyCode === COMPOSING;
}

/** The letter of a shortcut, also with Caps Lock and where the keys have other letters. */
export function letterOf({ key, code }: KeyboardEvent): string {
  return (/^[ -~]$/.test(key) ? key : code.replace("Key", "")).toLowerCase();
}

export function isTextField(
  target: EventTarget | null,
): target is HTMLInputElement | HTMLTextAreaElement {
  return target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
}

/** Copies text, also where the page may not use the clipboard; says whether it could. */
export async function copyText(text: string, root: ParentNode): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text, root); // not over plain HTTP, or not allowed in this frame
  }
}

function copyBySelection(text: string, root: ParentNode): boolean {
  const before = root instanceof ShadowRoot ? root.activeElement : document.activeElement;
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "jc-Hidden";
  root.append(field);
  field.select();
  const isDone = document.execCommand("copy");
  field.remove();
  if (before instanceof HTMLElement) before.focus({ preventScroll: true });
  return isDone;
}

/** Gives the focus back to the notebook cell around the widget. */
export function leaveTo(host: HTMLElement): void {
  const cell = host.parentElement?.closest(".jp-Cell, .cell, [tabindex]");
  if (cell instanceof HTMLElement) cell.focus({ preventScroll: true });
  if (document.activeElement === host) host.blur();
  const inner = host.shadowRoot?.activeElement;
  if (inner instanceof HTMLElement) inner.blur();
}

/** Lets the notebook have a shortcut that the widget's host keeps from it. */
export function passToHost(event: KeyboardEvent, host: HTMLElement): void {
  event.preventDefault();
  const { key, code, keyCode, ctrlKey, metaKey, shiftKey } = event;
  const copy = { key, code, keyCode, ctrlKey, metaKey, shiftKey, bubbles: true, cancelable: true };
  (host.parentElement ?? document.body).dispatchEvent(new KeyboardEvent("keydown", copy));
}

export function elementIn(target: EventTarget | null, selector: string): HTMLElement | null {
  const found = target instanceof Element ? target.closest(selector) : null;
  return found instanceof HTMLElement ? found : null;
}

/** Calls when the browser has nothing better to do; the returned function calls it off. */
export function whenIdle(call: () => void): () => void {
  if (globalThis.requestIdleCallback === undefined) {
    const timer = setTimeout(call, 500); // Safari has no such call
    return () => clearTimeout(timer);
  }
  const request = requestIdleCallback(call, { timeout: 2000 });
  return () => cancelIdleCallback(request);
}

export const prefersLessMotion = (): boolean =>
  matchMedia("(prefers-reduced-motion: reduce)").matches;
