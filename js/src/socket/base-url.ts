// Where the Jupyter server of this page is. The loader uses this too, so it stays small.

export interface PageServer {
  /** Absolute, with a slash at the end. */
  readonly baseUrl: string;
  /** The same for WebSockets. */
  readonly wsUrl: string;
  /** The token that the server wrote into the page; only for headers of fetch. */
  readonly token: string;
}

/** Null where the page is not served by a Jupyter server (VS Code, Colab, marimo, a saved file). */
export function findServer(page: Document, href: string): PageServer | null {
  const config = pageConfig(page);
  const base = config["baseUrl"] || page.body.dataset["baseUrl"];
  if (!base) return null;
  const baseUrl = withSlash(new URL(base, href).href);
  const wsUrl = withSlash(new URL(config["wsUrl"] || baseUrl, href).href).replace(/^http/, "ws");
  return { baseUrl, wsUrl, token: config["token"] || page.body.dataset["jupyterApiToken"] || "" };
}

function pageConfig(page: Document): Readonly<Record<string, string | undefined>> {
  try {
    return JSON.parse(page.getElementById("jupyter-config-data")?.textContent || "{}");
  } catch {
    return {};
  }
}

function withSlash(url: string): string {
  return url.endsWith("/") ? url : `${url}/`;
}
