// What chat adds to CommonMark, leaves out, and refuses.

import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "../src/markdown/parse.ts";
import type { Block, Inline } from "../src/markdown/tree.ts";
import { html } from "./markdown-html.ts";

const shown = (text: string): string => html(parse(text));

/** Every address that the tree would make a link of. */
function hrefsOf(text: string): string[] {
  const ofInline = (node: Inline): string[] => [
    ...(node.kind === "link" ? [node.href] : []),
    ...("children" in node ? node.children.flatMap(ofInline) : []),
  ];
  const ofBlock = (block: Block): string[] => {
    switch (block.kind) {
      case "paragraph":
      case "heading":
        return block.children.flatMap(ofInline);
      case "quote":
        return block.children.flatMap(ofBlock);
      case "list":
        return block.items.flatMap((item) => item.children.flatMap(ofBlock));
      case "table":
        return [block.head, ...block.rows]
          .flat()
          .flatMap((cell) => cell.children.flatMap(ofInline));
      default:
        return [];
    }
  };
  return parse(text).flatMap(ofBlock);
}

test("[UI5] single line breaks are kept", () => {
  assert.equal(shown("one\ntwo\n\nthree"), "<p>one<br>two</p><p>three</p>");
});

test("[UI5] raw HTML is text, comments too", () => {
  assert.equal(
    shown('<img src=x onerror="alert(1)"> <!-- -->'),
    "<p>&lt;img src=x onerror=&quot;alert(1)&quot;&gt; &lt;!-- --&gt;</p>",
  );
  assert.equal(
    shown("<script>\nalert(1)\n</script>"),
    "<p>&lt;script&gt;<br>alert(1)<br>&lt;/script&gt;</p>",
  );
});

test("[UI5] an image is a link, and is never loaded", () => {
  assert.equal(
    shown("![a cat](https://e.x/cat.png)"),
    '<p><a href="https://e.x/cat.png">a cat</a></p>',
  );
  assert.equal(
    shown("![](https://e.x/c.png)"),
    '<p><a href="https://e.x/c.png">https://e.x/c.png</a></p>',
  );
  assert.equal(shown("![out](/logout)"), "<p>![out](/logout)</p>");
});

test("[UI5] a badge is its outer link", () => {
  assert.equal(
    shown("[![build **ok**](https://e.x/b.svg)](https://e.x/ci)"),
    '<p><a href="https://e.x/ci">build <strong>ok</strong></a></p>',
  );
});

test("[UI5] strike needs two tildes", () => {
  assert.equal(
    shown("~~gone~~, ~5 to ~6, ~~~no~~~ a"),
    "<p><del>gone</del>, ~5 to ~6, ~~~no~~~ a</p>",
  );
});

test("[UI5] task lists", () => {
  const [list] = parse("- [ ] open\n- [x] done\n- [X] done\n- [y] no\n- []");
  assert.ok(list?.kind === "list");
  assert.deepEqual(
    list.items.map((item) => item.checked),
    [false, true, true, null, null],
  );
  assert.equal(html(list.items[0]?.children ?? [], true), "open");
});

test("[UI5] lists nest, keep their number, and are loose only with blank lines", () => {
  assert.equal(
    shown("3. a\n   - b\n4. c"),
    '<ol start="3"><li>a<ul><li>b</li></ul></li><li>c</li></ol>',
  );
  assert.equal(shown("- a\n\n- b"), "<ul><li><p>a</p></li><li><p>b</p></li></ul>");
});

test("[UI5] a line after a quote or list is outside of it", () => {
  assert.equal(shown("> theirs\nmine"), "<blockquote><p>theirs</p></blockquote><p>mine</p>");
  assert.equal(shown("- a\nb"), "<ul><li>a</li></ul><p>b</p>");
});

test("[UI5] tables with alignment, escaped bars and code", () => {
  const [table] = parse("a | b | c\n:-- | --- | :-:\n`x \\| y` | **z** | 1\nshort\n");
  assert.ok(table?.kind === "table");
  assert.deepEqual(
    table.head.map((cell) => cell.align),
    ["start", null, "center"],
  );
  assert.equal(
    html([table]),
    "<tr><td>a</td><td>b</td><td>c</td></tr><tr><td><code>x | y</code></td><td><strong>z</strong></td><td>1</td></tr>",
  );
});

test("[UI5] a table may follow a line of text, and needs as many dashes as titles", () => {
  assert.equal(parse("text\n|a|\n|-|").at(-1)?.kind, "table");
  assert.equal(parse("|a|b|\n|-|").at(-1)?.kind, "paragraph");
  assert.equal(parse("a\n-").at(0)?.kind, "paragraph");
});

test("[UI5] an open fence is code from its first line", () => {
  assert.deepEqual(parse("```py\nx = 1"), [{ kind: "code", language: "py", text: "x = 1" }]);
  assert.deepEqual(parse("```"), [{ kind: "code", language: "", text: "" }]);
});

test("[UI5] bare addresses are links, without what ends the sentence", () => {
  const cases: [string, string[]][] = [
    ["See https://e.x/a_b_c?q=1&r=*2*.", ["https://e.x/a_b_c?q=1&r=*2"]],
    ["(https://e.x/a_(b))", ["https://e.x/a_(b)"]],
    ["www.e.x!", ["https://www.e.x/"]],
    ["<https://e.x/<>", ["https://e.x/"]],
    ["<https://e.x/ok>", ["https://e.x/ok"]],
    ["ask ada.l+1@e.x.org, now", ["mailto:ada.l+1@e.x.org"]],
    ["_ada@e.x_", ["mailto:ada@e.x"]],
    ["<ada@e.x>", ["mailto:ada@e.x"]],
    ["xhttps://e.x", []],
    ["@ada a@ @b a@b", []],
    ["**https://e.x/a**", ["https://e.x/a"]],
    ["`https://e.x`", []],
  ];
  for (const [text, hrefs] of cases) assert.deepEqual(hrefsOf(text), hrefs, text);
});

test("[UI5] a link's text may have marks, code and addresses, but no link in it", () => {
  assert.equal(
    shown("[**a** `b` https://c.d](https://e.x/ 'title')"),
    '<p><a href="https://e.x/"><strong>a</strong> <code>b</code> https://c.d</a></p>',
  );
});

test("[UI5] links lead to http, https and mailto only, whatever hides the scheme", () => {
  const addresses = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java&#115;cript:alert(1)",
    "java&#x73;cript&#58;alert(1)",
    "&#106avascript:alert(1)",
    "javascript&colon;alert(1)",
    "java\\script:alert(1)",
    "<java\tscript:alert(1)>",
    "&#1;javascript:alert(1)",
    "\u0001javascript:alert(1)",
    "java&#10;script:alert(1)",
    "java&#0;script:alert(1)",
    "\u200bjavascript:alert(1)",
    "<\u00a0javascript:alert(1)>",
    "vbscript:x",
    "data:text/html,x",
    "data:text/html;base64,PHNjcmlwdD4=",
    "file:///etc/passwd",
    "blob:https:e.x",
    "ftp://e.x/",
    "about:blank",
    "view-source:e.x",
    "command:run",
    "/logout",
    "//e.x/logout",
    "?q",
    "#top",
    "x",
    "http:",
    "https://",
    "javascript://e.x/%0Aalert(1)",
    "feed:javascript:alert(1)",
  ];
  for (const address of addresses) {
    assert.deepEqual(hrefsOf(`[a](${address})`), [], address);
    assert.deepEqual(hrefsOf(`![a](${address})`), [], address);
    assert.deepEqual(hrefsOf(`<${address.replace(/[<>]/g, "")}>`), [], address);
  }
  assert.deepEqual(hrefsOf("[a](HTTPS://e.x/%0Aalert)"), ["https://e.x/%0Aalert"]);
  assert.deepEqual(hrefsOf("[a](ht\ntps://e.x)"), []);
  assert.deepEqual(hrefsOf("[a](https&#58;//e.x)"), ["https://e.x/"]);
  assert.deepEqual(hrefsOf("[a](https://e.x/\u202egnp.exe)"), ["https://e.x/gnp.exe"]);
});

test("[UI5] a refused link is shown as it was written", () => {
  assert.equal(shown("[click](javascript:alert(1))"), "<p>[click](javascript:alert(1))</p>");
});

test("[UI5] entities are characters, unknown ones stay", () => {
  assert.equal(
    shown("&lt;b&gt; &#35; &#x1F389; &hellip; &nope; &#0; &#xD800; &"),
    "<p>&lt;b&gt; # 🎉 … &amp;nope; \ufffd \ufffd &amp;</p>",
  );
  assert.equal(
    shown("&constructor; &__proto__;"),
    "<p>&amp;constructor; &amp;<strong>proto</strong>;</p>",
  );
});

test("[UI5] nothing is nothing", () => {
  assert.deepEqual(parse(""), []);
  assert.deepEqual(parse(" \n\t\n"), []);
});
