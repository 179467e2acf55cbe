import { useSignal } from "@preact/signals";
import type { Notice } from "../store/conversation.ts";
import { foldedText, noticeText } from "./phrases.ts";
import { useUi } from "./ui.ts";

interface Props {
  readonly rowKey: string;
  readonly notices: readonly Notice[];
}

/** What the system tells, one centred line each; many in a row are one line to open. */
export function Notices({ rowKey, notices }: Props) {
  const { store } = useUi();
  const isOpen = useSignal(notices.length === 1);
  return (
    <div class="jc-Notices" data-key={rowKey}>
      {notices.length > 1 && (
        <button
          type="button"
          class="jc-TextButton"
          aria-expanded={isOpen.value}
          onClick={() => {
            isOpen.value = !isOpen.value;
          }}
        >
          {foldedText(notices)}
        </button>
      )}
      {isOpen.value &&
        notices.map((notice) => (
          <p key={notice.seq} class="jc-Notice" dir="auto">
            {noticeText(notice, store.members.value)}
          </p>
        ))}
    </div>
  );
}
