// The element that everything is drawn in. Its shadow root keeps the page's styles out; its
// attributes and listeners keep what is typed inside from being taken for shortcuts [UI6].

export function createHost(el: HTMLElement): { host: HTMLElement; root: ShadowRoot } {
  const host = document.createElement("div");
  // Notebook 7 listens on the document while events go down: the attribute stops it. JupyterLab
  // listens on the way up. Events from inside are retargeted to the host, so it covers all.
  host.setAttribute("data-lm-suppress-shortcuts", "true");
  host.setAttribute("data-jp-suppress-context-menu", "true");
  for (const type of ["keydown", "keypress", "keyup"]) {
    host.addEventListener(type, (event) => event.stopPropagation());
  }
  const root = host.attachShadow({ mode: "open" });
  el.append(host);
  return { host, root };
}
