// The offline chunk: what a browser keeps of a conversation when its page is gone.

import type { Place } from "../offline/database.ts";
import { openShelf as open } from "../offline/shelf.ts";
import { whoAmI } from "../offline/who.ts";
import type { PageServer } from "../socket/base-url.ts";
import { browserHttp } from "../socket/browser.ts";
import type { Shelf } from "../store/kept.ts";

/** Of another build, it does not show what was kept. Rejects where the browser keeps nothing. */
export async function openShelf(place: Place, build: string, server: PageServer): Promise<Shelf> {
  return { ...(await open(place, build)), askWho: () => whoAmI(server, browserHttp) };
}
