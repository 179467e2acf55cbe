// Which widget of the page was used last: only that one speaks to a screen reader.

let last: HTMLElement | null = null;

/** Notes every use of this widget; the returned function stops. */
export function noteUses(host: HTMLElement): () => void {
  const note = (): void => {
    last = host;
  };
  host.addEventListener("focusin", note);
  host.addEventListener("pointerdown", note);
  return () => {
    host.removeEventListener("focusin", note);
    host.removeEventListener("pointerdown", note);
    if (last === host) last = null;
  };
}

export function isLastUsed(host: HTMLElement): boolean {
  return last === host;
}
