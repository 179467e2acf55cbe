import { IconButton } from "../IconButton.tsx";
import { useUi } from "../ui.ts";
import { SHORTCUTS } from "./shortcut-table.ts";
import { t } from "./text.ts";

export function Shortcuts() {
  const ui = useUi();
  return (
    <div class="jc-Shortcuts">
      <div class="jc-Shortcuts-head">
        <p class="jc-Shortcuts-title">{t("shortcuts")}</p>
        <IconButton icon="close" label={t("close")} onClick={() => ui.close()} />
      </div>
      {SHORTCUTS.map(({ title, shortcuts }) => (
        <section key={title} aria-label={t(title)}>
          <p class="jc-Heading">{t(title)}</p>
          <dl class="jc-Shortcuts-list">
            {shortcuts.map(([keys, does]) => (
              <div key={does} class="jc-Shortcuts-row">
                <dt>
                  {keys.split(" ").map((key) => (
                    <kbd key={key}>{key}</kbd>
                  ))}
                </dt>
                <dd>{t(does)}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </div>
  );
}
