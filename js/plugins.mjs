// What the bundles import that is no module.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build, transform } from "esbuild";
import { emojiTable } from "./emoji-table.mjs";

/** Style sheets are texts that the page adopts. */
const minifiedCss = {
  name: "minified-css",
  setup({ onLoad }) {
    onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const css = readFileSync(path, "utf8");
      const { code } = await transform(css, { loader: "css", minify: true });
      return { contents: code, loader: "text", watchFiles: [path] };
    });
  },
};

const packedEmoji = {
  name: "packed-emoji",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^emoji-table$/ }, ({ path }) => ({ path, namespace: "packed" }));
    onLoad({ filter: /./, namespace: "packed" }, () => ({
      contents: JSON.stringify(emojiTable()),
      loader: "json",
    }));
  },
};

export const plugins = [minifiedCss, packedEmoji];

const SHARED = fileURLToPath(new URL("src/chunks/shared.ts", import.meta.url));
/** Marks the plugin's own look-ups, which it must not answer itself. */
const LOOK_UP = Symbol("look-up");

/** For chunks that draw: every module that the core shares comes from the variable `core`. */
export const fromCore = {
  name: "from-core",
  async setup({ onResolve, onLoad, resolve }) {
    const { names, modules } = await sharedModules();
    onResolve({ filter: /./ }, async ({ path, pluginData, ...rest }) => {
      if (pluginData === LOOK_UP || rest.kind === "entry-point") return null;
      const found = await resolve(path, { ...rest, pluginData: LOOK_UP });
      return modules.has(found.path) ? { path: "core", namespace: "core" } : null;
    });
    onLoad({ filter: /./, namespace: "core" }, () => ({
      contents: `export const {${names}} = core;`,
    }));
  },
};

/** What src/chunks/shared.ts exports, and the files that it has them from. */
async function sharedModules() {
  const modules = new Set();
  const noteOwn = {
    name: "note-own",
    setup({ onResolve, resolve }) {
      onResolve({ filter: /./ }, async ({ path, importer, pluginData, ...rest }) => {
        if (pluginData === LOOK_UP || importer !== SHARED) return null;
        const found = await resolve(path, { importer, ...rest, pluginData: LOOK_UP });
        modules.add(found.path);
        return found;
      });
    },
  };
  const { metafile } = await build({
    entryPoints: [SHARED],
    bundle: true,
    format: "esm",
    metafile: true,
    write: false,
    outdir: ".",
    logLevel: "silent",
    plugins: [noteOwn, ...plugins],
  });
  const names = Object.values(metafile.outputs).flatMap((output) => output.exports);
  return { names, modules };
}
