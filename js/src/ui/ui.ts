// The state of one view that is not the conversation's: what is being edited, which panel is
// open, what is loaded. Components read it and call its functions.

import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type {
  ChunkLoader,
  EmojiIndex,
  Highlighter,
  MarkdownChunk,
  MathChunk,
  PanelsChunk,
} from "../chunks/types.ts";
import type { ConversationStore, ShownMessage } from "../store/conversation.ts";
import type { KeptEdit } from "../store/drafts.ts";
import type { View } from "../view.ts";
import { type Lazy, lazy } from "./lazy.ts";
import { ListModel } from "./list.ts";
import { SHORT_LIST } from "./short-emoji.ts";
import { adoptStyles } from "./styles.ts";

export type Size = "narrow" | "medium" | "wide";

export type Mode =
  | { readonly kind: "write" }
  | { readonly kind: "reply"; readonly seq: number; readonly epoch: Epoch }
  | {
      readonly kind: "edit";
      /** As it was when its edit began. */
      readonly message: ShownMessage;
      readonly epoch: Epoch;
      readonly text: Signal<string>;
      readonly kept: KeptEdit;
    };

/** Of the log that was shown when the mode began: a number is one message's in that log only. */
type Epoch = string | undefined;

/** What an emoji is picked for. */
export type EmojiUse =
  | { readonly kind: "react"; readonly seq: number }
  | { readonly kind: "insert" };

export type Panel =
  | { readonly kind: "people" | "more" | "shortcuts" }
  | { readonly kind: "message"; readonly key: string }
  | { readonly kind: "picker"; readonly key: string | null; readonly use: EmojiUse };

/** A panel and what opened it: it stands beside that, and gives the focus back to it. */
export type OpenPanel = Panel & { readonly opener: HTMLElement };

export class Ui {
  readonly store: ConversationStore;
  readonly view: View;
  readonly list: ListModel;
  readonly emoji: Lazy<EmojiIndex>;
  readonly highlighter: Lazy<Highlighter | null>;
  readonly math: Lazy<MathChunk | null>;
  readonly markdown: Lazy<MarkdownChunk | null>;
  readonly panels: Lazy<PanelsChunk | null>;
  /** The widget's own width, CSS px. */
  readonly width = signal(600);
  readonly size: ReadonlySignal<Size>;
  readonly title: ReadonlySignal<string>;
  readonly mode = signal<Mode>({ kind: "write" });
  readonly isRenaming = signal(false);
  readonly panel = signal<OpenPanel | null>(null);
  /** Seq of the message whose deletion is being confirmed. */
  readonly asking = signal<number | null>(null);
  /** What the composer writes into; the draft survives an edit. */
  readonly text: ReadonlySignal<Signal<string>>;
  field: HTMLTextAreaElement | null = null;
  /** Esc brought the focus from the composer to the list: the next one leaves the widget. */
  isLeaving = false;

  constructor(store: ConversationStore, view: View, load: ChunkLoader) {
    this.store = store;
    this.view = view;
    this.list = new ListModel(store);
    this.emoji = lazy(() => load.emoji(), SHORT_LIST);
    this.highlighter = lazy<Highlighter | null>(() => load.highlight(), null);
    this.math = lazy<MathChunk | null>(() => load.math(), null);
    this.markdown = lazy(styled(view.root, load.markdown), null);
    this.panels = lazy(styled(view.root, load.panels), null);
    this.size = computed(() => sizeOf(this.width.value));
    this.title = computed(() => view.title.value ?? store.title.value);
    this.text = computed(() => {
      const mode = this.mode.value;
      return mode.kind === "edit" ? mode.text : store.draft;
    });
  }

  open(panel: Panel, opener: EventTarget | null): void {
    if (opener instanceof HTMLElement) this.panel.value = { ...panel, opener };
    this.panels.want();
  }

  /** Opens the panel, or closes it if this opener has it open. */
  toggle(panel: Panel, opener: EventTarget | null): void {
    if (this.panel.peek()?.opener === opener) this.close();
    else this.open(panel, opener);
  }

  /** Closes what is open; the focus goes back to its opener, or to the opener's message. */
  close(): void {
    const panel = this.panel.peek();
    this.panel.value = null;
    if (panel === null) return;
    if (panel.opener.isConnected) panel.opener.focus({ preventScroll: true });
    else if ("key" in panel && panel.key !== null) this.list.focusKey(panel.key);
  }

  /** Puts the form for the title in its place. */
  rename(): void {
    this.isRenaming.value = true;
    this.panels.want();
  }

  write(text: string): void {
    const typed = this.store.draft.peek().trimEnd();
    this.store.draft.value = typed === "" ? text : `${typed} ${text}`;
    this.focusComposer();
  }

  reply(seq: number): void {
    this.leaveMode();
    this.mode.value = { kind: "reply", seq, epoch: this.epoch };
    this.focusComposer();
  }

  /** Goes on where an edit of this message was left. */
  edit(message: ShownMessage): void {
    const { seq, commandId, text } = message;
    const id = seq ?? commandId;
    if (id === null) return;
    this.leaveMode();
    const kept = this.store.keptEdits.of(id);
    const typed = signal(kept.get() ?? text);
    typed.subscribe((now) => (now === text ? kept.delete() : kept.set(now)));
    if (commandId !== null) this.store.hold(commandId, 1);
    this.mode.value = { kind: "edit", message, epoch: this.epoch, text: typed, kept };
    this.focusComposer();
  }

  /** Of the log that is shown. */
  get epoch(): Epoch {
    return this.store.info.value?.epoch;
  }

  /** The changed text of an edit stays, unless it is not wanted, or saved by `save`. */
  leaveMode(isDone = false, save = () => {}): void {
    const mode = this.mode.peek();
    this.mode.value = { kind: "write" };
    if (mode.kind !== "edit") return;
    const { commandId } = mode.message;
    if (isDone) mode.kept.delete();
    save(); // before what waits is let go as it was
    if (commandId !== null) this.store.hold(commandId, -1);
  }

  /** To the newest message, with the focus if that was in the list or would be lost. */
  toEnd(): void {
    this.list.toEnd();
    if (this.view.root.activeElement?.closest(".jc-List, .jc-Jump")) this.list.focusEdge("last");
  }

  focusComposer(): void {
    this.field?.focus({ preventScroll: true });
  }
}

export const UiContext = createContext<Ui | null>(null);

export function useUi(): Ui {
  const ui = useContext(UiContext);
  if (ui === null) throw new Error("A component was drawn outside of App.");
  return ui;
}

/** Loads a chunk and gives its styles to the view before anything is drawn with it. */
function styled<Chunk extends { readonly css: string }>(
  root: ShadowRoot,
  load: () => Promise<Chunk>,
): () => Promise<Chunk | null> {
  return async () => {
    const chunk = await load();
    adoptStyles(root, chunk.css);
    return chunk;
  };
}

function sizeOf(width: number): Size {
  if (width < 480) return "narrow";
  return width < 720 ? "medium" : "wide";
}
