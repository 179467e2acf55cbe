import { DaySeparator } from "./DaySeparator.tsx";
import { Message } from "./Message.tsx";
import { Notices } from "./Notices.tsx";
import type { Row } from "./rows.ts";
import { t } from "./text.ts";
import { useUi } from "./ui.ts";

interface Props {
  readonly row: Row;
  readonly last: string | null;
  readonly stop: string | null;
}

export function RowView({ row, last, stop }: Props) {
  const { list } = useUi();
  switch (row.kind) {
    case "day":
      return <DaySeparator rowKey={row.key} at={row.at} />;
    case "unread":
      return (
        // biome-ignore lint/a11y/useSemanticElements: it has text
        <div class="jc-Unread" role="separator" aria-label={t("newDivider")} data-key={row.key}>
          <span class="jc-Unread-label">{t("newDivider")}</span>
        </div>
      );
    case "notices":
      return <Notices rowKey={row.key} notices={row.notices} />;
    case "message": {
      const { message, headed, key } = row;
      const quoted = message.replyTo === null ? null : list.bySeq.value.get(message.replyTo);
      return (
        <Message
          message={message}
          headed={headed}
          last={key === last}
          stop={key === stop}
          quoted={quoted ?? null}
        />
      );
    }
  }
}
