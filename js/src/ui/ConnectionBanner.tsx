import { useSignal } from "@preact/signals";
import { useLayoutEffect } from "preact/hooks";
import { type BannerAction, bannerOf, NO_OUTAGE, nextOutage, type Outage } from "./banner.ts";
import { Icon } from "./Icon.tsx";
import { type Ui, useUi } from "./ui.ts";
import { useNow } from "./use-now.ts";

/** How the connection stands, if that is not well. */
export function ConnectionBanner() {
  const ui = useUi();
  const link = ui.store.link.value;
  const outage = useSignal<Outage>(NO_OUTAGE);
  const closed = useSignal<typeof link | null>(null);
  useLayoutEffect(() => {
    outage.value = nextOutage(outage.peek(), link, Date.now());
  }, [link]);
  const isUneasy = link.state !== "live" || outage.value.backAt !== null;
  const banner = bannerOf(link, outage.value, useNow(isUneasy));
  const act = (action: BannerAction): void => {
    if (action === "close") closed.value = link;
    else perform(action, ui);
  };
  if (banner === null || closed.value === link) return null;
  const { tone, text, action, label } = banner;
  return (
    <div class="jc-Bar" data-tone={tone} role="status">
      <Icon name={tone === "success" ? "check" : "alert"} />
      <span class="jc-Bar-text">{text}</span>
      {action !== null && (
        <button type="button" class="jc-TextButton" onClick={() => act(action)}>
          {label}
        </button>
      )}
    </div>
  );
}

function perform(action: Exclude<BannerAction, "close">, { store }: Ui): void {
  if (action === "reload") location.reload();
  else store.reconnectNow();
}
