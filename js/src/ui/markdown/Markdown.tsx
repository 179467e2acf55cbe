import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import { parse } from "../../markdown/parse.ts";
import type { Block, Cell, Inline, ListItem } from "../../markdown/tree.ts";
import { CodeBlock } from "./CodeBlock.tsx";
import { Formula } from "./Formula.tsx";
import { MathFailed } from "./MathFailed.tsx";
import { ScrollBox } from "./ScrollBox.tsx";
import { t } from "./text.ts";

interface Props {
  readonly text: string;
  /** Stands at the end of the last line. */
  readonly tail?: ComponentChildren;
}

/** A message's text as elements and text nodes; no HTML is ever parsed. */
export function Markdown({ text, tail }: Props) {
  const blocks = useMemo(() => parse(text), [text]);
  const last = blocks.at(-1);
  const fits = last?.kind === "paragraph";
  return (
    <>
      {blocks.map((each, index) => block(each, index, fits && each === last ? tail : null))}
      {!fits && tail}
      <MathFailed blocks={blocks} />
    </>
  );
}

function block(node: Block, key: number, tail: ComponentChildren = null): ComponentChildren {
  switch (node.kind) {
    case "paragraph":
      return (
        <p key={key} dir="auto">
          {node.children.map(inline)}
          {tail}
        </p>
      );
    case "heading":
      return (
        <p key={key} dir="auto" class="jc-Body-heading" data-level={node.level}>
          {node.children.map(inline)}
        </p>
      );
    case "code":
      return <CodeBlock key={key} code={node.text} language={node.language} />;
    case "math":
      return (
        <p key={key}>
          <Formula tex={node.tex} isDisplayed={true} />
        </p>
      );
    case "quote":
      return (
        <blockquote key={key}>{node.children.map((child, at) => block(child, at))}</blockquote>
      );
    case "list":
      return list(node, key);
    case "table":
      return table(node.head, node.rows, key);
    case "rule":
      return <hr key={key} />;
  }
}

function list(node: Extract<Block, { kind: "list" }>, key: number): ComponentChildren {
  const items = node.items.map((each, index) => item(each, index, node.tight));
  if (node.start === null) {
    return (
      <ul key={key} dir="auto">
        {items}
      </ul>
    );
  }
  return (
    <ol key={key} dir="auto" start={node.start}>
      {items}
    </ol>
  );
}

function item({ checked, children }: ListItem, key: number, tight: boolean): ComponentChildren {
  return (
    <li key={key} data-tight={tight} data-task={checked !== null}>
      {checked !== null && (
        <span
          class="jc-Task"
          role="img"
          aria-label={t(checked ? "taskDone" : "task")}
          data-checked={checked}
        />
      )}
      {children.map((child, at) => block(child, at))}
    </li>
  );
}

function table(head: readonly Cell[], rows: readonly (readonly Cell[])[], key: number) {
  return (
    <ScrollBox key={key} label={t("table")}>
      <table>
        <thead>
          <tr>{head.map((each, at) => cell("th", each, at))}</tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={index}>{row.map((each, at) => cell("td", each, at))}</tr>
          ))}
        </tbody>
      </table>
    </ScrollBox>
  );
}

function cell(Tag: "th" | "td", { align, children }: Cell, key: number): ComponentChildren {
  return (
    <Tag key={key} dir="auto" data-align={align ?? undefined}>
      {children.map(inline)}
    </Tag>
  );
}

function inline(node: Inline, key: number): ComponentChildren {
  switch (node.kind) {
    case "text":
      return node.text;
    case "break":
      return <br key={key} />;
    case "code":
      return (
        <code key={key} dir="ltr">
          {node.text}
        </code>
      );
    case "math":
      return <Formula key={key} tex={node.tex} isDisplayed={node.isDisplayed} />;
    case "strong":
      return <strong key={key}>{node.children.map(inline)}</strong>;
    case "em":
      return <em key={key}>{node.children.map(inline)}</em>;
    case "del":
      return <del key={key}>{node.children.map(inline)}</del>;
    case "link":
      return (
        <a
          key={key}
          href={node.href}
          target="_blank"
          rel="noopener noreferrer nofollow"
          tabIndex={-1}
          data-tip={node.href}
        >
          {node.children.map(inline)}
        </a>
      );
  }
}
