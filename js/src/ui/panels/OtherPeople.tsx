import { useLayoutEffect } from "preact/hooks";
import { useUi } from "../ui.ts";
import { t } from "./text.ts";

/** Asks for those who are not known yet, and says how that goes. */
export function OtherPeople() {
  const { everyone, members } = useUi().store;
  const others = everyone.others.value;
  useLayoutEffect(() => {
    if (others === "idle") everyone.load(); // also on a new connection
  }, [others]);
  const isWhole = members.value.size >= everyone.count.value; // but when they were last seen
  if (isWhole || (others !== "loading" && others !== "failed")) return null;
  return (
    <p class="jc-People-note" role="status">
      {others === "loading" ? (
        t("loadingPeople", members.value.size, everyone.count.value)
      ) : (
        <>
          {t("peopleFailed")}{" "}
          <button
            type="button"
            class="jc-TextButton"
            onClick={({ currentTarget }) => {
              keepFocus(currentTarget);
              everyone.load();
            }}
          >
            {t("retry")}
          </button>
        </>
      )}
    </p>
  );
}

/** The button goes; the panel around it, which closes without the focus, gets it. */
function keepFocus(button: HTMLElement): void {
  const panel = button.closest("[popover]");
  if (panel instanceof HTMLElement) panel.focus({ preventScroll: true });
}
