// What the bundles import that is no module.

import { readFileSync } from "node:fs";
import { transform } from "esbuild";
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
