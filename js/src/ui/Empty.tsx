import { Icon } from "./Icon.tsx";
import { type TextKey, t } from "./text.ts";
import { useUi } from "./ui.ts";

const SUGGESTIONS: readonly (readonly [TextKey, TextKey])[] = [
  ["suggestHello", "suggestHelloText"],
  ["suggestShare", "suggestShareText"],
  ["suggestAsk", "suggestAskText"],
];

/** A new conversation: suggestions fill the composer, they never send. */
export function Empty() {
  const ui = useUi();
  const canWrite = ui.store.canWrite.value;
  return (
    <div class="jc-Empty">
      <span class="jc-Empty-mark">
        <Icon name="chat" />
      </span>
      <p class="jc-Empty-title">{t(canWrite ? "empty" : "emptyViewer")}</p>
      {canWrite && (
        <div class="jc-Empty-suggestions">
          {SUGGESTIONS.map(([label, text]) => (
            <button key={label} type="button" class="jc-Button" onClick={() => ui.write(t(text))}>
              {t(label)}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}
