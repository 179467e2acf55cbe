// The height of the composer's text area.

/** As high as its text; the style sheet says how high at most. Not displayed, it has no height. */
export function fitHeight(field: HTMLTextAreaElement): void {
  const box = field.parentElement;
  if (box === null || field.clientHeight === 0) return;
  box.style.height = `${box.offsetHeight}px`; // or the list would grow, and lose its place
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
  box.style.height = "";
}
