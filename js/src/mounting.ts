// What the loader hands to the core.

import type { AnyModel } from "@anywidget/types";
import type { Theme } from "./view.ts";

/** The widget's synced traits. They are the same for everyone on the kernel. */
export interface Traits extends Record<string, unknown> {
  readonly conversation: string;
  readonly title: string | null;
  readonly height: number;
  readonly theme: Theme;
}

/** Imports a file of the build by its name, from the server or the kernel, once per page. */
export type LoadFile = <Module>(name: string) => Promise<Module>;

export interface Mounting {
  readonly model: AnyModel<Traits>;
  readonly el: HTMLElement;
  readonly load: LoadFile;
}

export interface CoreModule {
  /** Draws the widget into `el`; returns what takes it away. */
  default(mounting: Mounting): () => void;
}
