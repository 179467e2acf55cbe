// The widget without Jupyter: one scene, chosen by the address, drawn with the real store and
// the real user interface over a server in the page. `?scene=talk&theme=dark&width=600`.

import { signal } from "@preact/signals";
import { render } from "preact";
import * as emoji from "../../src/chunks/emoji.ts";
import * as highlight from "../../src/chunks/highlight.ts";
import { css as kernelCss, throughKernel } from "../../src/chunks/kernel.ts";
import * as markdown from "../../src/chunks/markdown.ts";
import * as math from "../../src/chunks/math.ts";
import * as panels from "../../src/chunks/panels.ts";
import { systemClock } from "../../src/clock.ts";
import { createHost } from "../../src/host.ts";
import { openShelf } from "../../src/offline/shelf.ts";
import { safeStorage } from "../../src/storage.ts";
import { ulidMaker } from "../../src/store/command-id.ts";
import { openConversation } from "../../src/store/conversation.ts";
import type { Shelf } from "../../src/store/kept.ts";
import { App } from "../../src/ui/App.tsx";
import { adoptStyles } from "../../src/ui/styles.ts";
import { Unavailable } from "../../src/ui/Unavailable.tsx";
import type { Theme } from "../../src/view.ts";
import { FakeBrowser, FakePage } from "../fake-shelf.ts";
import { fakeStorage } from "../fakes.ts";
import { SCENES } from "./scenes.ts";
import { GalleryServer } from "./server.ts";
import { SharedServer } from "./shared.ts";
import { HOSTS } from "./themes.ts";

const noSocket = { opened: () => {}, received: () => {}, closed: () => {} };
const query = new URLSearchParams(location.search);
const hostTheme = query.get("theme") ?? "light";
const variables = HOSTS[hostTheme];
if (variables !== undefined) {
  document.body.dataset["jpThemeLight"] = String(hostTheme === "light");
  document.body.style.cssText += variables;
}
document.body.style.background = hostTheme.includes("dark") ? "#212121" : "#fff";
document.documentElement.dir = query.get("dir") ?? "ltr";
const box = document.createElement("div");
box.style.width = `${query.get("width") ?? 600}px`;
document.body.append(box);

const scene = SCENES[query.get("scene") ?? "talk"];
if (scene === undefined) throw new Error("no such scene");
const { host, root } = createHost(box);
adoptStyles(root);
/** With `keep`, several pages of one browser talk to one server, and what is kept is kept. */
const keeps = query.get("keep");
const shared = new SharedServer({
  you: query.get("you") ?? "ada",
  page: keeps ?? "",
  perSecond: Number(query.get("rate") ?? 100),
  isUp: !query.has("down"),
  isMute: query.has("mute"),
});
if (query.has("nolocks")) Object.defineProperty(navigator, "locks", { value: undefined });
const server = keeps === null ? new GalleryServer(scene.world) : shared;
if (server instanceof GalleryServer) server.isOpen = scene.connects !== false;
let commands = 0;
const newUlid = ulidMaker(systemClock.now, (bytes) => crypto.getRandomValues(bytes));
const place = { server: "http://gallery/", conversation: "team" };
async function shelf(build: string): Promise<Shelf> {
  const askWho = async () => (shared.isReachable ? shared.who : null);
  return { ...(await openShelf(place, build)), askWho };
}
const store = openConversation({
  id: "team",
  server: "http://gallery/",
  client: "web/gallery",
  transport: server,
  clock: systemClock,
  ...(keeps === null
    ? {
        drafts: scene.browser?.texts ?? fakeStorage(),
        newCommandId: () => `C${++commands}`,
        ...(scene.browser && {
          shelf: async () => new FakePage(scene.browser ?? new FakeBrowser()),
        }),
        ...(query.has("offline") && { shelf: () => shelf("1") }),
      }
    : {
        drafts: safeStorage(() => localStorage),
        newCommandId: newUlid,
        shelf: () => shelf(query.get("build") ?? "1"),
      }),
  renameMe: async () => {
    throw new Error("That name is taken.");
  },
});
adoptStyles(root, kernelCss);
const kernel = throughKernel({
  comm: { send: () => {}, on: () => {}, off: () => {} },
  clock: systemClock,
  newName: () => "K1",
  watch: () => () => {},
});
if (query.get("kernel") === "busy") kernel.environment.open("team", noSocket);
const theme = query.get("own");
const view = {
  title: signal<string | null>(null),
  height: signal(Number(query.get("height") ?? 480)),
  theme: signal<Theme>(theme === "dark" || theme === "light" ? theme : "auto"),
  host,
  root,
  kernel: query.has("kernel") ? kernel : null,
};
/** How the chunks that draw come: at once, not while `fail` is set, or when released. */
const parts = { fail: query.get("parts") === "fail", release: () => {} };
const released = new Promise<void>((resolve) => {
  parts.release = resolve;
  if (query.get("parts") !== "hold") resolve();
});
async function part<Chunk>(chunk: Chunk): Promise<Chunk> {
  await released;
  if (parts.fail) throw new Error("offline");
  return chunk;
}
const chunks = { fail: query.has("nochunks") };
const load = {
  highlight: async () => {
    if (chunks.fail) throw new Error("offline");
    return highlight;
  },
  emoji: async () => {
    if (chunks.fail) throw new Error("offline");
    return emoji;
  },
  math: async () => {
    if (chunks.fail) throw new Error("offline");
    return math;
  },
  markdown: () => part(markdown),
  panels: () => part(panels),
};
const panel = query.get("panel");
if (panel === "saved" || panel === "not-enabled") {
  render(<Unavailable reason={{ kind: panel }} />, root);
} else {
  render(<App store={store} view={view} load={load} />, root);
  if (server instanceof GalleryServer) scene.after?.(server, store);
}
if (keeps !== null) addEventListener("pagehide", () => store.flush());
Object.assign(globalThis, { gallery: { server, store, view, root, parts, chunks } });
