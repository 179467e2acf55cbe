// HTTP to the server beside the socket: why it refused us, and my own name.

import { NOT_ALLOWED, NOT_SIGNED_IN } from "../protocol/close.ts";
import { NOT_ENABLED } from "../protocol/transport.ts";
import type { PageServer } from "./base-url.ts";

const TIMEOUT_MS = 10_000;

export type Probe =
  | { readonly kind: "reachable" }
  | { readonly kind: "unreachable" }
  | { readonly kind: "refused"; readonly code: number; readonly message: string };

export interface Http {
  readonly fetch: typeof fetch;
  readonly cookie: () => string;
}

export function socketUrl(server: PageServer, conversation: string): string {
  const id = encodeURIComponent(conversation);
  return `${server.wsUrl}jupyter_collab/api/v1/conversations/${id}/socket`;
}

/** Tells apart why a handshake failed; a browser doesn't say. Also renews the log-in cookie. */
export async function probe(server: PageServer, http: Http): Promise<Probe> {
  let response: Response;
  try {
    response = await request(server, http, "jupyter_collab/api/v1/conversations", {});
  } catch {
    return { kind: "unreachable" };
  }
  if (response.type === "opaqueredirect" || response.status === 401) {
    return { kind: "refused", code: NOT_SIGNED_IN, message: "You are signed out." };
  }
  if (response.status === 403) return forbidden(server, http);
  if (response.status === 404) {
    const message = "jupyter_collab isn't enabled on this server.";
    return { kind: "refused", code: NOT_ENABLED, message };
  }
  return { kind: response.ok ? "reachable" : "unreachable" };
}

/** Changes my display name with the server's own API; rejects with a sentence for people. */
export async function renameMe(server: PageServer, http: Http, name: string): Promise<void> {
  const response = await request(server, http, "api/me", {
    method: "PATCH",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ display_name: name }),
  }).catch(() => {
    throw new Error("The server can't be reached. Your name is unchanged.");
  });
  if (!response.ok) throw new Error("This server doesn't let you change your name.");
}

/** One wrapper for every call: a Hub wants the XSRF header for GET as well. */
export function request(server: PageServer, http: Http, path: string, init: RequestInit) {
  const headers = new Headers(init.headers);
  if (server.token) headers.set("Authorization", `token ${server.token}`);
  const xsrf = /(?:^|;\s*)_xsrf=([^;]*)/.exec(http.cookie())?.[1];
  if (xsrf) headers.set("X-XSRFToken", xsrf);
  return http.fetch(server.baseUrl + path, {
    ...init,
    headers,
    credentials: "same-origin",
    cache: "no-store",
    redirect: "manual",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
}

// A 403 says the same of someone who is signed out and of someone who may not read.
async function forbidden(server: PageServer, http: Http): Promise<Probe> {
  const me = await request(server, http, "api/me", {}).catch(() => null);
  if (me === null) return { kind: "unreachable" };
  return me.ok
    ? { kind: "refused", code: NOT_ALLOWED, message: "You may not read this conversation." }
    : { kind: "refused", code: NOT_SIGNED_IN, message: "You are signed out." };
}
