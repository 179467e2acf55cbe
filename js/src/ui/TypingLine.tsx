import { nameOf, typingText } from "./phrases.ts";
import { t } from "./text.ts";
import { useUi } from "./ui.ts";

/** Who is typing, or that nobody else is here; its height is always reserved. */
export function TypingLine() {
  const { store } = useUi();
  const typists = store.typing.value.map((id) => nameOf(store.members.value, id));
  const here = [...store.presence.value.values()].filter((each) => each.state !== "offline");
  const isAlone = store.link.value.state === "live" && here.length <= 1 && store.me.value !== null;
  return (
    <div class="jc-Typing">
      {typists.length > 0 ? (
        <>
          <span class="jc-Typing-dots" aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
          <span class="jc-Typing-text">{typingText(typists)}</span>
        </>
      ) : (
        isAlone && <span class="jc-Typing-text">{t("alone")}</span>
      )}
    </div>
  );
}
