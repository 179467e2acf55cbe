// What a store needs of a connection, whatever carries it: a socket, or the kernel's comm.

import type { ClientFrame, Hello, ServerFrame } from "./types.generated.ts";

/**
 * How the connection stands. Times are ms since the epoch. `since` of a lost one is when it was
 * lost; `resumed` says that this page had been live before, `why` is the server's last word, which
 * stays until the next attempt has ended.
 */
export type Link =
  | { readonly state: "connecting"; readonly since: number; readonly why?: string | undefined } // first time
  | { readonly state: "live"; readonly since: number; readonly resumed: boolean }
  | {
      readonly state: "waiting"; // lost
      readonly since: number;
      readonly retryAt: number;
      readonly why?: string | undefined;
    }
  | { readonly state: "trying"; readonly since: number; readonly why?: string | undefined } // lost, trying right now
  | { readonly state: "offline"; readonly since: number } // the browser says so
  | { readonly state: "ended"; readonly code: number; readonly message: string }; // no retry

/** `code` of an ended link whose server answers, but does not have our extension. */
export const NOT_ENABLED = 404;

export interface TransportListener {
  /** The first frame of a new connection: says where to resume. */
  hello(): Hello;
  frame(frame: ServerFrame): void;
  link(link: Link): void;
}

export interface Transport {
  /** Opens the connection, and again whenever it is lost. */
  start(listener: TransportListener): void;
  /** Sends a frame, or returns false if there is no open connection. */
  send(frame: ClientFrame): boolean;
  /** Tries at once, also after the link has ended. */
  reconnectNow(): void;
  /** Closes for good. */
  close(): void;
}
