// The kernel chunk: the way to the conversation for a page that has no server of its own.

import { type ReadonlySignal, signal } from "@preact/signals";
import type { FunctionComponent } from "preact";
import type { Clock } from "../clock.ts";
import { type Comm, relayEnvironment } from "../socket/relay.ts";
import type { SocketEnvironment } from "../socket/socket.ts";
import { KernelMark } from "../ui/kernel/KernelMark.tsx";
import { t } from "../ui/kernel/text.ts";

export { default as css } from "../ui/kernel/kernel.css";

/** What a view shows of it. */
export interface KernelSigns {
  readonly Mark: FunctionComponent;
  /** A sentence while the kernel does not answer, else null. */
  readonly busy: ReadonlySignal<string | null>;
}

export interface KernelWay extends KernelSigns {
  readonly environment: SocketEnvironment;
  readonly renameMe: () => Promise<never>;
}

interface Options {
  readonly comm: Comm;
  readonly clock: Clock;
  readonly newName: () => string;
  readonly watch: SocketEnvironment["watch"];
}

export function throughKernel({ comm, clock, newName, watch }: Options): KernelWay {
  const busy = signal<string | null>(null);
  const show = (isBusy: boolean) => {
    busy.value = isBusy ? t("kernelBusy") : null;
  };
  return {
    Mark: KernelMark,
    busy,
    environment: relayEnvironment({ comm, clock, newName, busy: show }, watch),
    renameMe: () => Promise.reject(new Error(t("nameElsewhere"))),
  };
}
