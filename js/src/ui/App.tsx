import { useLayoutEffect, useMemo } from "preact/hooks";
import type { ChunkLoader } from "../chunks/types.ts";
import { type ConversationStore, NOT_ENABLED } from "../store/conversation.ts";
import type { View } from "../view.ts";
import { Announcer } from "./Announcer.tsx";
import { Composer } from "./Composer.tsx";
import { ConnectionBanner } from "./ConnectionBanner.tsx";
import { FailedBar } from "./FailedBar.tsx";
import { Header } from "./Header.tsx";
import { followHost, onAppKey } from "./host.ts";
import { ListPills } from "./ListPills.tsx";
import { Loading } from "./Loading.tsx";
import { MessageList } from "./MessageList.tsx";
import { NotLoaded } from "./NotLoaded.tsx";
import { OldBar } from "./OldBar.tsx";
import { Toasts } from "./Toasts.tsx";
import { Tooltip } from "./Tooltip.tsx";
import { TypingLine } from "./TypingLine.tsx";
import { t } from "./text.ts";
import { Unavailable } from "./Unavailable.tsx";
import { Ui, UiContext } from "./ui.ts";
import { useReady } from "./use-ready.ts";

/** Below this the header makes room while one writes. */
const LOW_PX = 300;

export interface AppProps {
  readonly store: ConversationStore;
  readonly view: View;
  readonly load: ChunkLoader;
}

/** One view of a conversation. */
export function App({ store, view, load }: AppProps) {
  const ui = useMemo(() => new Ui(store, view, load), [store, view, load]);
  useLayoutEffect(() => {
    ui.markdown.want();
    return () => ui.leaveMode(); // what it held is let go
  }, [ui]);
  useLayoutEffect(() => followHost(ui), [ui]);
  const isReady = useReady(ui);
  const link = store.link.value;
  if (link.state === "ended" && link.code === NOT_ENABLED) {
    return <Unavailable reason={{ kind: "not-enabled" }} />;
  }
  const { markdown, panels, panel, isRenaming } = ui;
  const { Panels, ResizeHandle } = panels.value.value ?? {};
  return (
    <UiContext.Provider value={ui}>
      <section
        class="jc-App"
        aria-label={ui.title.value}
        data-low={view.height.value < LOW_PX}
        style={{ height: `${view.height.value}px` }}
        onKeyDown={(event) => onAppKey(event, ui)}
      >
        <Header />
        <ConnectionBanner />
        {isReady && <NotLoaded part={markdown} name={t("formatting")} />}
        {(panel.value !== null || isRenaming.value) && (
          <NotLoaded part={panels} name={t("menus")} />
        )}
        <div class="jc-Main">
          {isReady ? <MessageList /> : <Loading />}
          {isReady && <ListPills />}
          <Toasts />
        </div>
        <OldBar />
        <FailedBar />
        <TypingLine />
        <Composer />
        {ResizeHandle !== undefined && <ResizeHandle />}
        {Panels !== undefined && <Panels />}
        <Tooltip />
        <Announcer />
      </section>
    </UiContext.Provider>
  );
}
