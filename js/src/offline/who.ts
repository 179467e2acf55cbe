// Who is here, where the conversation itself can't be asked: the Jupyter server may still answer.

import type { PageServer } from "../socket/base-url.ts";
import { type Http, request } from "../socket/server.ts";

const NOBODY = "";

interface Me {
  readonly identity?: { readonly username?: unknown };
}

/** A member's id, or one that is no one's; null for no answer. */
export async function whoAmI(server: PageServer, http: Http): Promise<string | null> {
  const response = await request(server, http, "api/me", {}).catch(() => null);
  if (response === null) return null;
  const { status, type } = response;
  if (type === "opaqueredirect" || status === 401 || status === 403) return NOBODY;
  const me: Me | null = response.ok ? await response.json().catch(() => null) : null;
  const name = me?.identity?.username;
  return typeof name === "string" ? `user:${name}` : null; // too long for an id, it is no one's
}
