// The widget's `_esm`: fetches the core once per page, from our server or else from the kernel.
// Stays under 2 KB, since every model carries it. Never awaits in `initialize`: there is none.

import type { AnyModel, RenderProps } from "@anywidget/types";
import type { CoreModule, LoadFile, Traits } from "./mounting.ts";
import { findServer } from "./socket/base-url.ts";

declare const CORE: string; // the core's file name, from the build

const PATIENCE_MS = 8_000; // an idle kernel answers in milliseconds
const GIVE_UP_MS = 30_000;
let failures = 0; // a browser remembers an import that failed, by its address
const CACHE = Symbol.for("jupyter_collab.core");

function render({ model, el }: RenderProps<Traits>): () => void {
  const load: LoadFile = (name) => loadOnce(name, model);
  let patience: ReturnType<typeof setTimeout>;
  let unmount = () => {};
  let isGone = false;
  start();
  return () => {
    isGone = true;
    clearTimeout(patience);
    unmount();
  };

  async function start(): Promise<void> {
    patience = setTimeout(() => {
      const isJupyter = findServer(document, location.href);
      el.textContent = isJupyter
        ? "Still loading…"
        : "Live chat isn't available in a saved notebook.";
    }, PATIENCE_MS);
    try {
      const core = await load<CoreModule>(CORE);
      if (isGone) return;
      el.textContent = "";
      unmount = core.default({ model, el, load });
    } catch (error) {
      if (!isGone) offerRetry(error);
    } finally {
      clearTimeout(patience);
    }
  }

  function offerRetry(error: unknown): void {
    const retry = document.createElement("button");
    retry.textContent = "Retry";
    retry.onclick = start;
    el.replaceChildren(`The chat couldn't be loaded. ${error} `, retry);
  }
}

/** Names have a hash, so other versions on the page keep their own files. */
function loadOnce<Module>(name: string, model: AnyModel<Traits>): Promise<Module> {
  const files = filesOfPage<Module>();
  const known = files.get(name);
  if (known) return known;
  const file = fromServer<Module>(name).catch(() => fromKernel<Module>(name, model));
  files.set(name, file);
  file.catch(() => files.delete(name));
  return file;
}

function filesOfPage<Module>(): Map<string, Promise<Module>> {
  const known: unknown = Reflect.get(globalThis, CACHE);
  if (known instanceof Map) return known;
  const files = new Map<string, Promise<Module>>();
  Reflect.set(globalThis, CACHE, files);
  return files;
}

async function fromServer<Module>(name: string): Promise<Module> {
  const server = findServer(document, location.href);
  if (!server) throw null;
  const again = failures ? `?${failures}` : "";
  try {
    return await import(`${server.baseUrl}jupyter_collab/static/${name}${again}`);
  } catch (error) {
    failures++;
    throw error;
  }
}

async function fromKernel<Module>(name: string, model: AnyModel<Traits>): Promise<Module> {
  const compressed = await askKernel(name, model);
  const stream = new Blob([compressed]).stream().pipeThrough(new DecompressionStream("gzip"));
  const code = await new Response(stream).arrayBuffer();
  const url = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  try {
    return await import(url);
  } finally {
    URL.revokeObjectURL(url);
  }
}

function askKernel(name: string, model: AnyModel<Traits>): Promise<DataView<ArrayBuffer>> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(reject, GIVE_UP_MS, "The kernel doesn't answer.");
    const hear = (message: Record<string, unknown>, buffers: DataView<ArrayBuffer>[]) => {
      if (message?.["type"] !== "core" || message["name"] !== name) return;
      model.off("msg:custom", hear);
      clearTimeout(timer);
      const [file] = buffers;
      if (file) resolve(file);
      else reject(message["error"]);
    };
    model.on("msg:custom", hear);
    model.send({ type: "core", name });
  });
}

export default { render };
