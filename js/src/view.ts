// One display of a conversation on the page: what belongs to it and not to the store.

import type { ReadonlySignal, Signal } from "@preact/signals-core";
import type { KernelSigns } from "./chunks/kernel.ts";

export type Theme = "auto" | "light" | "dark";

export interface View {
  /** The title given in Python, or null for the conversation's own. */
  readonly title: ReadonlySignal<string | null>;
  /** CSS px; this viewer's own once they have dragged it. */
  readonly height: Signal<number>;
  readonly theme: ReadonlySignal<Theme>;
  readonly host: HTMLElement;
  readonly root: ShadowRoot;
  /** Where the page reaches the conversation only through the kernel. */
  readonly kernel: KernelSigns | null;
}
