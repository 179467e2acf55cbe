// The core's entry: wires the page's server, socket, store and view together for one display of
// the widget. Everything that it starts, the returned function stops.

import { effect, untracked } from "@preact/signals";
import { render, type VNode } from "preact";
import { Boundary } from "./boundary.tsx";
import type { KernelSigns } from "./chunks/kernel.ts";
import { chunksFrom, loadKernel, loadOffline } from "./chunks/load.ts";
import { systemClock } from "./clock.ts";
import { keepHeight } from "./height.ts";
import { createHost } from "./host.ts";
import type { LoadFile, Mounting } from "./mounting.ts";
import type { Transport } from "./protocol/transport.ts";
import { findServer, type PageServer } from "./socket/base-url.ts";
import { browserEnvironment, browserHttp, watch } from "./socket/browser.ts";
import { renameMe, socketUrl } from "./socket/server.ts";
import { connect } from "./socket/socket.ts";
import { safeStorage } from "./storage.ts";
import { ulidMaker } from "./store/command-id.ts";
import { type OwnedStore, openConversation } from "./store/conversation.ts";
import { Registry } from "./store/registry.ts";
import { watchTrait } from "./traits.ts";
import { App } from "./ui/App.tsx";
import { adoptStyles } from "./ui/styles.ts";
import { Unavailable } from "./ui/Unavailable.tsx";
import type { View } from "./view.ts";

declare const VERSION: string; // from the build, as are all of these
declare const BUILD: string; // a hash: another build may make more of the same entries

const newCommandId = ulidMaker(systemClock.now, (bytes) => crypto.getRandomValues(bytes));
const storage = safeStorage(() => localStorage);
const registry = new Registry(systemClock);
window.addEventListener("pagehide", () => registry.flush());

export default function mount(mounting: Mounting): () => void {
  const { host, root } = createHost(mounting.el);
  adoptStyles(root);
  const server = findServer(document, location.href);
  const stop =
    server === null
      ? showThroughKernel({ mounting, host, root })
      : showConversations({ mounting, host, root, way: overServer(server) });
  return () => {
    stop();
    host.remove();
  };
}

interface Place {
  readonly mounting: Mounting;
  readonly host: HTMLElement;
  readonly root: ShadowRoot;
}

/** How a page comes to its conversations. */
interface Way {
  /** Names the server where something is kept of it. */
  readonly server: string;
  /** Views with the same one share a connection. */
  readonly sharing: string;
  readonly connect: (id: string) => Transport;
  readonly renameMe: (name: string) => Promise<void>;
  /** Null where a page can't tell one server from another: nothing is kept for the next page. */
  readonly keeps: PageServer | null;
  readonly kernel: KernelSigns | null;
}

interface Stage extends Place {
  readonly way: Way;
}

function overServer(server: PageServer): Way {
  return {
    server: server.baseUrl,
    sharing: server.baseUrl,
    connect: (id) => connect(socketUrl(server, id), browserEnvironment(server)),
    renameMe: (name) => renameMe(server, browserHttp, name),
    keeps: server,
    kernel: null,
  };
}

/** Without a server of its own, a page has the kernel's; each view a connection of its own. */
function showThroughKernel(place: Place): () => void {
  const { mounting, root } = place;
  let stop = () => {};
  let isGone = false;
  const start = () => {
    loadKernel(mounting.load)
      .then(({ css, throughKernel }) => {
        if (isGone) return;
        stop();
        adoptStyles(root, css);
        const kernel = throughKernel({
          comm: mounting.model,
          clock: systemClock,
          newName: newCommandId,
          watch,
        });
        const way: Way = {
          server: "kernel:",
          sharing: newCommandId(),
          connect: (id) => connect(id, kernel.environment),
          renameMe: kernel.renameMe,
          keeps: null,
          kernel,
        };
        stop = showConversations({ ...place, way });
      })
      .catch(() => {
        if (!isGone) stop = draw(root, <Unavailable reason={{ kind: "failed", onRetry: start }} />);
      });
  };
  start();
  return () => {
    isGone = true;
    stop();
  };
}

/** Shows the model's conversation, and another one when the model says so. */
function showConversations(stage: Stage): () => void {
  const { model } = stage.mounting;
  const conversation = watchTrait(model, "conversation");
  const stop = effect(() => {
    const id = conversation.current.value;
    return untracked(() => show(stage, id));
  });
  return () => {
    stop();
    conversation.stop();
  };
}

function show({ mounting, way, host, root }: Stage, id: string): () => void {
  const { model, load } = mounting;
  const place = `${way.server}:${id}`;
  const { store, release } = registry.acquire(`${way.sharing}:${id}`, () => open(way, id, load));
  const title = watchTrait(model, "title");
  const theme = watchTrait(model, "theme");
  const kept = keepHeight(storage, `jupyter_collab:height:${place}`, model.get("height"));
  const resize = () => kept.reset(model.get("height"));
  model.on("change:height", resize);
  const view: View = {
    title: title.current,
    theme: theme.current,
    height: kept.height,
    host,
    root,
    kernel: way.kernel,
  };
  const erase = draw(
    root,
    <Boundary key={id}>
      <App store={store} view={view} load={chunksFrom(load)} />
    </Boundary>,
  );
  return () => {
    erase();
    model.off("change:height", resize);
    title.stop();
    theme.stop();
    kept.stop();
    release();
  };
}

function open(way: Way, id: string, load: LoadFile): OwnedStore {
  const { server, connect, keeps, renameMe } = way;
  const place = { server, conversation: id };
  return openConversation({
    id,
    server,
    client: `web/${VERSION}`,
    transport: connect(id),
    clock: systemClock,
    newCommandId,
    drafts: storage,
    ...(keeps !== null && {
      shelf: async () => (await loadOffline(load)).openShelf(place, BUILD, keeps),
    }),
    renameMe,
  });
}

function draw(root: ShadowRoot, vnode: VNode): () => void {
  render(vnode, root);
  return () => render(null, root);
}
