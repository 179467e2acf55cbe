// The tree as HTML, for comparing; the product never makes any.

import type { Block, Inline } from "../src/markdown/tree.ts";

export function html(blocks: readonly Block[], tight = false): string {
  return blocks.map((block) => blockHtml(block, tight)).join("");
}

/** Without what is a matter of layout; a line break in a paragraph is always kept here. */
export function normalHtml(text: string): string {
  return text
    .replace(/<br \/>\n?/g, "<br>")
    .replaceAll("<hr />", "<hr>")
    .replace(/>\n+</g, "><")
    .trim()
    .replace(/(<pre>[\s\S]*?<\/pre>)|\n/g, (_, code) => code ?? "<br>")
    .replaceAll("<li><br>", "<li>")
    .replace(/<br>(?=<(?:[uo]l|blockquote|pre|p|\/?li|\/[uo]l|\/blockquote|h\d)\b)/g, "")
    .replace(/(<\/(?:[uo]l|blockquote|pre|p|h\d)>)<br>/g, "$1");
}

function blockHtml(block: Block, tight: boolean): string {
  switch (block.kind) {
    case "paragraph":
      return tight ? inlineHtml(block.children) : `<p>${inlineHtml(block.children)}</p>`;
    case "heading":
      return `<h${block.level}>${inlineHtml(block.children)}</h${block.level}>`;
    case "code": {
      const language = block.language && ` class="language-${escaped(block.language)}"`;
      return `<pre><code${language}>${escaped(block.text)}${block.text && "\n"}</code></pre>`;
    }
    case "math":
      return `<div>${escaped(block.tex)}</div>`;
    case "quote":
      return `<blockquote>${html(block.children)}</blockquote>`;
    case "rule":
      return "<hr>";
    case "list": {
      const tag = block.start === null ? "ul" : "ol";
      const start = block.start === null || block.start === 1 ? "" : ` start="${block.start}"`;
      const items = block.items.map(({ children }) => `<li>${html(children, block.tight)}</li>`);
      return `<${tag}${start}>${items.join("")}</${tag}>`;
    }
    case "table":
      return [block.head, ...block.rows]
        .map(
          (row) =>
            `<tr>${row.map((cell) => `<td>${inlineHtml(cell.children)}</td>`).join("")}</tr>`,
        )
        .join("");
  }
}

function inlineHtml(nodes: readonly Inline[]): string {
  return nodes
    .map((node) => {
      switch (node.kind) {
        case "text":
          return escaped(node.text);
        case "break":
          return "<br>";
        case "code":
          return `<code>${escaped(node.text)}</code>`;
        case "math":
          return `<math${node.isDisplayed ? " block" : ""}>${escaped(node.tex)}</math>`;
        case "link":
          return `<a href="${escaped(node.href)}">${inlineHtml(node.children)}</a>`;
        default:
          return `<${node.kind}>${inlineHtml(node.children)}</${node.kind}>`;
      }
    })
    .join("");
}

function escaped(text: string): string {
  return text.replace(
    /[&<>"]/g,
    (char) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[char] ?? "&quot;",
  );
}
