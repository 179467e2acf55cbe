import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { TokenNode } from "../../chunks/types.ts";
import { CopyButton } from "../CopyButton.tsx";
import { IconButton } from "../IconButton.tsx";
import { useUi } from "../ui.ts";
import { useOverflow } from "../use-overflow.ts";
import { t } from "./text.ts";

const MAX_HEIGHT = 372; // 400 with the bar above

interface Props {
  readonly code: string;
  readonly language: string;
}

export function CodeBlock({ code, language }: Props) {
  const { highlighter } = useUi();
  const body = useRef<HTMLPreElement>(null);
  const isWrapped = useSignal(false);
  const isOpen = useSignal(false);
  const { isWide, isHigh } = useOverflow(body, MAX_HEIGHT, code).value;
  useLayoutEffect(() => {
    if (language !== "") highlighter.want();
  }, [language]);
  const tokens = language === "" ? null : highlighter.value.value?.highlight(code, language);
  const label = language === "" ? t("code") : t("codeIn", language);
  return (
    <div class="jc-Code" dir="ltr" data-folded={isHigh && !isOpen.value}>
      <div class="jc-Code-bar">
        <span class="jc-Code-language">{language}</span>
        {language !== "" && highlighter.state.value === "failed" && <HighlightFailed />}
        <IconButton
          icon="wrap"
          label={t("wrap")}
          tabIndex={-1}
          pressed={isWrapped.value}
          onClick={() => {
            isWrapped.value = !isWrapped.value;
          }}
        />
        <CopyButton text={code} tabIndex={-1} />
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset would need a form */}
      <pre
        ref={body}
        data-wrap={isWrapped.value}
        tabIndex={isWide ? 0 : -1}
        aria-label={label}
        role="group"
      >
        <code>{tokens ? tokens.map(token) : code}</code>
      </pre>
      {isHigh && !isOpen.value && (
        <button
          type="button"
          class="jc-Code-more"
          tabIndex={-1}
          onClick={() => {
            body.current?.focus({ preventScroll: true });
            isOpen.value = true;
          }}
        >
          {t("showLines", code.split("\n").length)}
        </button>
      )}
    </div>
  );
}

function HighlightFailed() {
  const { highlighter } = useUi();
  return (
    <span class="jc-Code-failed">
      {t("couldntLoad", t("highlighting"))}{" "}
      <button type="button" class="jc-TextButton" tabIndex={-1} onClick={() => highlighter.retry()}>
        {t("retry")}
      </button>
    </span>
  );
}

function token(node: TokenNode, key: number) {
  if (typeof node === "string") return node;
  return (
    <span key={key} class={node.className}>
      {node.children.map(token)}
    </span>
  );
}
