import type { Delivery } from "../store/conversation.ts";
import { Icon } from "./Icon.tsx";
import { t } from "./text.ts";
import { useUi } from "./ui.ts";

/** It is on its way, or why it isn't; nothing once it has arrived. */
export function Pending({ delivery }: { readonly delivery: Delivery }) {
  const { store } = useUi();
  if (delivery.state !== "pending") return null;
  const link = store.link.value;
  const isSignedOut = link.state === "ended" && link.code === 4003;
  const held = isSignedOut ? "waitingForSignIn" : "waitingToSend";
  const label = t(delivery.isAsked ? "waitingForYou" : link.state === "live" ? "sending" : held);
  return (
    <span class="jc-Pending" role="img" aria-label={label} data-tip={label}>
      <Icon name="clock" />
    </span>
  );
}
