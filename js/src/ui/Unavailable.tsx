import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { CopyButton } from "./CopyButton.tsx";
import { Icon } from "./Icon.tsx";
import { type TextKey, t } from "./text.ts";
import { followTheme } from "./theme.ts";

export type Reason =
  | { readonly kind: "saved" } // a notebook without a kernel
  | { readonly kind: "not-enabled" } // the server answers, but does not know us
  | { readonly kind: "failed"; readonly onRetry: () => void };

const ENABLE = "jupyter server extension enable jupyter_collab";

const TEXTS: Readonly<Record<Reason["kind"], readonly [TextKey, ...TextKey[]]>> = {
  saved: ["savedNotebook"],
  "not-enabled": ["notEnabled", "notEnabledHint"],
  failed: ["failed", "failedHint"],
};

/** In place of a conversation that can't be shown: what is missing, and the next step. */
export function Unavailable({ reason }: { readonly reason: Reason }) {
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    const root = panel.current?.getRootNode();
    if (!(root instanceof ShadowRoot) || !(root.host instanceof HTMLElement)) return;
    return followTheme({ host: root.host, root, theme: signal("auto") });
  }, []);
  const [title, ...hints] = TEXTS[reason.kind];
  return (
    <section class="jc-Unavailable" aria-label={t("header")} ref={panel}>
      <span class="jc-Empty-mark">
        <Icon name={reason.kind === "saved" ? "chat" : "alert"} />
      </span>
      <p>{t(title)}</p>
      {hints.map((hint) => (
        <p key={hint} class="jc-Unavailable-hint">
          {t(hint)}
        </p>
      ))}
      {reason.kind === "not-enabled" && (
        <div class="jc-Command" dir="ltr">
          <code>{ENABLE}</code>
          <CopyButton text={ENABLE} />
        </div>
      )}
      {reason.kind === "failed" && (
        <button type="button" class="jc-Button" onClick={reason.onRetry}>
          {t("retry")}
        </button>
      )}
    </section>
  );
}
