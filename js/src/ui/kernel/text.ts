// The texts of a conversation that comes through the kernel.

import { textsOf } from "../text.ts";

const ENGLISH = {
  throughKernel: "Connected through the kernel",
  kernelBusy: "The kernel is busy; messages wait. After a restart, run the cell again.",
  nameElsewhere: "Your name can't be changed through the kernel.",
} as const;

export const t = textsOf(ENGLISH);
