// What a client does when a connection ends: the class of the code decides alone.

import type { CloseCode } from "./types.generated.ts";

export type CloseClass = "stop" | "back-off" | "now";

export const TOO_LARGE = 4009 satisfies CloseCode;
export const NOT_SIGNED_IN = 4003 satisfies CloseCode;
export const NOT_ALLOWED = 4004 satisfies CloseCode;
export const REMOVED = 4010 satisfies CloseCode;
export const HEARTBEAT = 4200 satisfies CloseCode;
export const CREDENTIALS = 4203 satisfies CloseCode;

const MESSAGE_TOO_BIG = 1009; // the server's WebSocket library closes with this by itself

export function normalizeCode(code: number): number {
  return code === MESSAGE_TOO_BIG ? TOO_LARGE : code;
}

export function classifyClose(code: number): CloseClass {
  const hundreds = Math.floor(normalizeCode(code) / 100);
  if (hundreds === 40) return "stop";
  return hundreds === 42 ? "now" : "back-off";
}
