import { useSignal } from "@preact/signals";
import { useLayoutEffect } from "preact/hooks";
import * as banners from "./banner.ts";
import { Icon } from "./Icon.tsx";
import { Leaving } from "./Leaving.tsx";
import { reload } from "./reload.ts";
import { t } from "./text.ts";
import { useUi } from "./ui.ts";
import { useNow } from "./use-now.ts";

/** How the connection stands, if that is not well. */
export function ConnectionBanner() {
  const { store, view } = useUi();
  const link = store.link.value;
  const outage = useSignal<banners.Outage>(banners.NO_OUTAGE);
  const closed = useSignal<typeof link | null>(null);
  useLayoutEffect(() => {
    outage.value = banners.nextOutage(outage.peek(), link, Date.now());
  }, [link]);
  const now = useNow(banners.isUneasy(link, outage.value, Date.now()));
  // Until there are messages, their place says why they don't come
  const isSaid = store.loaded.value || link.state === "ended";
  const hasText =
    "why" in link &&
    (store.draft.value !== "" || store.messages.value.some(({ seq }) => seq === null));
  const found = isSaid ? banners.bannerOf(link, outage.value, now, hasText) : null;
  const busy = link.state === "ended" ? null : view.kernel?.busy.value;
  const banner = busy
    ? banners.waiting(busy)
    : closed.value === link
      ? banners.closedBanner()
      : found;
  const act = (action: banners.BannerAction): void => {
    if (action === "close") closed.value = link;
    else if (action === "reload") reload(store);
    else store.reconnectNow();
  };
  return (
    <>
      <span class="jc-Hidden" role="status">
        {banner?.said}
      </span>
      {banner !== null && (
        // biome-ignore lint/a11y/useSemanticElements: a fieldset would need a form
        <div class="jc-Bar" data-tone={banner.tone} role="group" aria-label={t("connection")}>
          <Icon name={banner.tone === "success" ? "check" : "alert"} />
          <span class="jc-Bar-text">{banner.text}</span>
          {banner.action !== null && <Act {...banner} action={banner.action} onAct={act} />}
        </div>
      )}
    </>
  );
}

interface ActProps {
  readonly action: banners.BannerAction;
  readonly label: string;
  readonly onAct: (action: banners.BannerAction) => void;
}

function Act({ action, label, onAct }: ActProps) {
  return (
    <Leaving>
      <button type="button" class="jc-TextButton" onClick={() => onAct(action)}>
        {label}
      </button>
    </Leaving>
  );
}
