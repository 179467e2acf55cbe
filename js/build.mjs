// Bundles src/ into jupyter_collab/static/: the loader, the core and its chunks, each with its
// hash in the name, compressed ahead, within the budget. `--watch` does it again on every change.

import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, watch, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import * as esbuild from "esbuild";
import { fromCore, plugins } from "./plugins.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const OUT = here("../jupyter_collab/static/");
const VERSION = JSON.parse(readFileSync(here("package.json"), "utf8")).version;
const BUILD = "<build>"; // stands in the core for its own hash
// In the core, not in chunks: whatever is needed when nothing more can be loaded.
const BUDGETS = { loader: { raw: 2_047 }, core: { raw: 160 * 1024, gzip: 54 * 1024 } };

/** A module whose default export makes the chunk from what the core shares. */
const PART = {
  format: "iife",
  globalName: "part",
  banner: { js: "export default(core)=>{" },
  footer: { js: "return part}" },
  plugins: [fromCore, ...plugins],
};

if (process.argv.includes("--watch")) await watchAndBuild();
else await build();

async function build() {
  const highlight = await bundle("highlight", "src/chunks/highlight.ts");
  const emoji = await bundle("emoji", "src/chunks/emoji.ts");
  const math = await bundle("math", "src/chunks/math.ts");
  const offline = await bundle("offline", "src/chunks/offline.ts");
  const markdown = await bundle("markdown", "src/chunks/markdown.ts", PART);
  const panels = await bundle("panels", "src/chunks/panels.ts", PART);
  const kernel = await bundle("kernel", "src/chunks/kernel.ts", PART);
  const core = await bundle("core", "src/main.tsx", {
    define: {
      HIGHLIGHT: JSON.stringify(highlight.file),
      EMOJI: JSON.stringify(emoji.file),
      MATH: JSON.stringify(math.file),
      MARKDOWN: JSON.stringify(markdown.file),
      KERNEL: JSON.stringify(kernel.file),
      PANELS: JSON.stringify(panels.file),
      OFFLINE: JSON.stringify(offline.file),
      BUILD: JSON.stringify(BUILD),
      VERSION: JSON.stringify(VERSION),
    },
  });
  const loader = await bundle("loader", "src/loader.ts", {
    define: { CORE: JSON.stringify(core.file) },
  });
  const parts = [offline, markdown, panels, kernel, highlight, math, emoji];
  const bundles = [{ ...loader, file: "loader.js" }, core, ...parts];
  write(bundles);
  for (const { name, file, sizes } of bundles) {
    console.log(`${file.padEnd(24)} ${sizes.raw} B, ${sizes.gzip} B gzip, ${sizes.br} B br`);
    keepToBudget(name, sizes);
  }
}

async function bundle(name, entry, options = {}) {
  const { outputFiles } = await esbuild.build({
    entryPoints: [here(entry)],
    bundle: true,
    format: "esm",
    target: "es2022",
    minify: true,
    charset: "utf8",
    legalComments: "none",
    jsx: "automatic",
    jsxImportSource: "preact",
    plugins,
    write: false,
    ...options,
  });
  const bundled = outputFiles[0].text;
  const hash = createHash("sha256").update(bundled).digest("hex").slice(0, 10);
  const code = Buffer.from(bundled.replace(BUILD, hash));
  const gz = gzipSync(code, { level: 9 });
  const br = brotliCompressSync(code, {
    params: { [constants.BROTLI_PARAM_SIZE_HINT]: code.length },
  });
  const sizes = { raw: code.length, gzip: gz.length, br: br.length };
  return { name, file: `${name}.${hash}.js`, code, gz, br, sizes };
}

/** The manifest last, and only then the old files: a page that loads meanwhile finds its own. */
function write(bundles) {
  mkdirSync(OUT, { recursive: true });
  const old = new Set(readdirSync(OUT));
  for (const { file, code, gz, br } of bundles) {
    for (const [suffix, bytes] of Object.entries({ "": code, ".gz": gz, ".br": br })) {
      writeFileSync(OUT + file + suffix, bytes);
      old.delete(file + suffix);
    }
  }
  const manifest = Object.fromEntries(bundles.map(({ name, file }) => [name, file]));
  writeFileSync(`${OUT}manifest.json`, `${JSON.stringify(manifest, null, 2)}\n`);
  old.delete("manifest.json");
  for (const name of old) rmSync(OUT + name);
}

function keepToBudget(name, sizes) {
  for (const [kind, most] of Object.entries(BUDGETS[name] ?? {})) {
    if (sizes[kind] <= most) continue;
    console.error(`${name} is over its budget: ${sizes[kind]} B ${kind}, ${most} B is the most.`);
    process.exitCode = 1;
  }
}

async function watchAndBuild() {
  let isStale = true;
  let wake = () => {};
  watch(here("src"), { recursive: true }, () => {
    isStale = true;
    wake();
  });
  for (;;) {
    if (!isStale) await new Promise((resolve) => (wake = resolve));
    await new Promise((resolve) => setTimeout(resolve, 50)); // an editor saves in several steps
    isStale = false;
    await build().catch((error) => console.error(error.message));
  }
}
