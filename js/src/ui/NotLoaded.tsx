import { Icon } from "./Icon.tsx";
import { Leaving } from "./Leaving.tsx";
import type { Lazy } from "./lazy.ts";
import { t } from "./text.ts";

interface Props {
  readonly part: Lazy<unknown>;
  readonly name: string;
}

/** A part of the interface that could not be loaded, with a way to try again. */
export function NotLoaded({ part, name }: Props) {
  if (part.state.value !== "failed") return null;
  return (
    <div class="jc-Bar" role="alert">
      <Icon name="alert" />
      <span class="jc-Bar-text">{t("couldntLoad", name)}</span>
      <Leaving>
        <button type="button" class="jc-TextButton" onClick={() => part.retry()}>
          {t("retry")}
        </button>
      </Leaving>
    </div>
  );
}
