// The widget's traits as signals, so that code in a cell can change them while they are shown.

import type { AnyModel } from "@anywidget/types";
import { type ReadonlySignal, signal } from "@preact/signals-core";
import type { Traits } from "./mounting.ts";

export interface Watched<T> {
  readonly current: ReadonlySignal<T>;
  stop(): void;
}

export function watchTrait<K extends "conversation" | "title" | "height" | "theme">(
  model: AnyModel<Traits>,
  name: K,
): Watched<Traits[K]> {
  const current = signal(model.get(name));
  const update = () => {
    current.value = model.get(name);
  };
  model.on(`change:${name}`, update);
  return { current, stop: () => model.off(`change:${name}`, update) };
}
