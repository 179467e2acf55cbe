// The core's entry: wires the page's server, socket, store and view together for one display of
// the widget. Everything that it starts, the returned function stops.

import { effect, untracked } from "@preact/signals";
import { render, type VNode } from "preact";
import { Boundary } from "./boundary.tsx";
import { chunksFrom } from "./chunks/load.ts";
import { systemClock } from "./clock.ts";
import { keepHeight } from "./height.ts";
import { createHost } from "./host.ts";
import type { Mounting } from "./mounting.ts";
import { findServer, type PageServer } from "./socket/base-url.ts";
import { browserEnvironment, browserHttp } from "./socket/browser.ts";
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

declare const VERSION: string; // from the build

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
      ? draw(root, <Unavailable reason={{ kind: "no-server" }} />)
      : showConversations({ mounting, server, host, root });
  return () => {
    stop();
    host.remove();
  };
}

interface Stage {
  readonly mounting: Mounting;
  readonly server: PageServer;
  readonly host: HTMLElement;
  readonly root: ShadowRoot;
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

function show({ mounting, server, host, root }: Stage, id: string): () => void {
  const { model, load } = mounting;
  const place = `${server.baseUrl}:${id}`;
  const { store, release } = registry.acquire(place, () => open(server, id));
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

function open(server: PageServer, id: string): OwnedStore {
  return openConversation({
    id,
    server: server.baseUrl,
    client: `web/${VERSION}`,
    transport: connect(socketUrl(server, id), browserEnvironment(server)),
    clock: systemClock,
    newCommandId,
    drafts: storage,
    renameMe: (name) => renameMe(server, browserHttp, name),
  });
}

function draw(root: ShadowRoot, vnode: VNode): () => void {
  render(vnode, root);
  return () => render(null, root);
}
