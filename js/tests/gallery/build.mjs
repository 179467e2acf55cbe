// Bundles the gallery into the folder given as the argument, with a page around it.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import { plugins } from "../../plugins.mjs";

const out = process.argv[2] ?? "gallery";
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const { outputFiles } = await esbuild.build({
  entryPoints: [here("gallery.tsx")],
  bundle: true,
  format: "esm",
  target: "es2022",
  jsx: "automatic",
  jsxImportSource: "preact",
  plugins,
  write: false,
});
mkdirSync(out, { recursive: true });
writeFileSync(join(out, "gallery.js"), outputFiles[0].contents);
writeFileSync(join(out, "axe.js"), readFileSync(here("../../node_modules/axe-core/axe.min.js")));
writeFileSync(
  join(out, "index.html"),
  `<!doctype html><html lang="en"><meta charset="utf-8"><title>Gallery</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'self'; script-src 'self' blob:; style-src 'self'; img-src 'self' blob: data:">
<body><script type="module" src="gallery.js"></script></body></html>\n`,
);
