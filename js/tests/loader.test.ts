// The loader as it is built: small, one core per page, and a plain word when there is none.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";

const home = mkdtempSync(join(tmpdir(), "loader-"));
const statics = join(home, "jupyter_collab", "static");
mkdirSync(statics, { recursive: true });

interface Loader {
  readonly default: { render(props: { model: unknown; el: unknown }): () => void };
}

/** A loader whose core has this name; what it mounts is noted on `globalThis.mounted`. */
async function loaderFor(core: string): Promise<{ loader: Loader; size: number }> {
  const { outputFiles } = await build({
    entryPoints: [new URL("../src/loader.ts", import.meta.url).pathname],
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    define: { CORE: JSON.stringify(core) },
    write: false,
  });
  const [file] = outputFiles;
  assert.ok(file);
  const path = join(home, `loader-of-${core}`);
  writeFileSync(path, file.contents);
  return { loader: await import(pathToFileURL(path).href), size: file.contents.length };
}

function writeCore(name: string): void {
  const code = `globalThis.evaluated = (globalThis.evaluated ?? 0) + 1;
    export default ({ el }) => { el.mounted = true; return () => { el.mounted = false; } };`;
  writeFileSync(join(statics, name), code);
}

class FakeElement {
  mounted = false;
  textContent = "";
  children: unknown[] = [];
  replaceChildren(...children: unknown[]): void {
    this.children = children;
  }
}

class FakeModel {
  sent: unknown[] = [];
  #hear: (message: unknown, buffers: unknown[]) => void = () => {};
  on(_event: string, hear: (message: unknown, buffers: unknown[]) => void): void {
    this.#hear = hear;
  }
  off(): void {
    this.#hear = () => {};
  }
  send(message: unknown): void {
    this.sent.push(message);
  }
  say(message: unknown): void {
    this.#hear(message, []);
  }
}

function page(baseUrl: string | null): void {
  const config = baseUrl === null ? null : { textContent: JSON.stringify({ baseUrl }) };
  Object.assign(globalThis, {
    location: { href: "http://here/lab" },
    document: {
      getElementById: () => config,
      body: { dataset: {} },
      createElement: () => ({}),
    },
  });
}

/** Lets what is under way go on, until `claim` holds. */
async function until(claim: () => boolean): Promise<void> {
  while (!claim()) await new Promise((resolve) => setImmediate(resolve));
}

function pressRetry({ children: [, retry] }: FakeElement): void {
  assert.ok(typeof retry === "object" && retry !== null);
  Reflect.get(retry, "onclick")();
}

test("[UI8] the loader is under 2 KB", async () => {
  const { size } = await loaderFor("core.0123456789.js");
  assert.ok(size < 2_048, `${size} bytes`);
});

test("[UI8] two views load one core, from the server, and take it away when they go", async () => {
  page(`${pathToFileURL(home).href}/`);
  writeCore("core.once.js");
  const { loader } = await loaderFor("core.once.js");
  const [first, second] = [new FakeElement(), new FakeElement()];
  const model = new FakeModel();
  const stop = loader.default.render({ model, el: first });
  loader.default.render({ model, el: second });
  await until(() => first.mounted && second.mounted);
  assert.equal(Reflect.get(globalThis, "evaluated"), 1);
  assert.deepEqual(model.sent, []);
  stop();
  assert.deepEqual([first.mounted, second.mounted], [false, true]);
});

test("[UI8] a view that is gone before the core came is never drawn", async () => {
  page(`${pathToFileURL(home).href}/`);
  writeCore("core.late.js");
  const { loader } = await loaderFor("core.late.js");
  const [gone, there] = [new FakeElement(), new FakeElement()];
  loader.default.render({ model: new FakeModel(), el: gone })();
  loader.default.render({ model: new FakeModel(), el: there });
  await until(() => there.mounted);
  assert.equal(gone.mounted, false);
});

test("[UI8] what failed is asked for at another address, since browsers remember failures", async () => {
  page(`${pathToFileURL(home).href}/`);
  const { loader } = await loaderFor("core.again.js");
  const [el, model] = [new FakeElement(), new FakeModel()];
  loader.default.render({ model, el });
  await until(() => model.sent.length > 0);
  model.say({ type: "core", name: "core.again.js", error: "Not there." });
  await until(() => el.children.length > 0);
  writeCore("core.again.js");
  pressRetry(el);
  await until(() => el.mounted);
});

test("[UI8] a kernel that does not answer within 30 s lets one retry", async (context) => {
  page(null);
  const { loader } = await loaderFor("core.silent.js");
  const [el, model] = [new FakeElement(), new FakeModel()];
  context.mock.timers.enable({ apis: ["setTimeout"] });
  loader.default.render({ model, el });
  await until(() => model.sent.length > 0);
  context.mock.timers.tick(8_000);
  assert.match(el.textContent, /saved notebook/);
  context.mock.timers.tick(22_000);
  await until(() => el.children.length > 0);
  assert.match(String(el.children[0]), /The kernel doesn't answer\./);
  pressRetry(el);
  await until(() => model.sent.length === 2);
});

test("[UI8] without a server the kernel is asked, once; what it says is shown, with Retry", async () => {
  page(null);
  const name = "core.missing.js";
  const { loader } = await loaderFor(name);
  const [el, model] = [new FakeElement(), new FakeModel()];
  const stop = loader.default.render({ model, el });
  loader.default.render({ model, el: new FakeElement() });
  await until(() => model.sent.length > 0);
  assert.deepEqual(model.sent, [{ type: "core", name }]);
  model.say({ type: "core", name: "another.js", error: "not for us" });
  model.say({ type: "core", name, error: "Restart the kernel." });
  await until(() => el.children.length > 0);
  assert.match(String(el.children[0]), /Restart the kernel\./);
  pressRetry(el);
  await until(() => model.sent.length === 2);
  stop();
  model.say({ type: "core", name, error: "over" });
});
