// Sockets that reach the server through the kernel: their frames travel over the widget's comm.
// Owns what is said to the kernel, and whether it answers. Must not know what the frames mean.

import type { Clock } from "../clock.ts";
import type { SocketEnvironment, SocketHandlers, SocketLike } from "./socket.ts";

const BUSY_MS = 4_000; // an idle kernel takes a message in milliseconds
const LOST = 1006;

type Content = Readonly<Record<string, unknown>>;

/** The part of a widget's model that carries messages. */
export interface Comm {
  send(content: Content): void;
  on(event: "msg:custom", hear: (content: Content) => void): void;
  off(event: "msg:custom", hear: (content: Content) => void): void;
}

export interface Kernel {
  readonly comm: Comm;
  readonly clock: Clock;
  /** A name that no connection of any page on this kernel has. */
  readonly newName: () => string;
  /** Hears whether the kernel has left a message lying. */
  readonly busy: (isBusy: boolean) => void;
}

/** As a page with a server has it; the "url" that is opened is the conversation's id. */
export function relayEnvironment(
  kernel: Kernel,
  watch: SocketEnvironment["watch"],
): SocketEnvironment {
  return {
    clock: kernel.clock,
    random: Math.random,
    isOnline: () => true, // the kernel may be on this computer, and says itself what it can't reach
    watch: (wake) => watch(wake, () => {}),
    open: (conversation, handlers) => new RelayedSocket(kernel, conversation, handlers),
    probe: async () => ({ kind: "reachable" }),
  };
}

class RelayedSocket implements SocketLike {
  readonly #kernel: Kernel;
  readonly #handlers: SocketHandlers;
  readonly #name: string;
  #said = 0; // each message has a number: the kernel may take two on two threads
  #stopWaiting = () => {};

  constructor(kernel: Kernel, conversation: string, handlers: SocketHandlers) {
    this.#kernel = kernel;
    this.#handlers = handlers;
    this.#name = kernel.newName();
    kernel.comm.on("msg:custom", this.#hear);
    this.#say({ kind: "open", conversation });
  }

  send(data: string): void {
    this.#said += 1;
    this.#say({ kind: "frame", n: this.#said, data });
  }

  close(): void {
    this.#said += 1;
    this.#say({ kind: "close", n: this.#said });
    this.#leave();
  }

  #say(content: Content): void {
    try {
      this.#kernel.comm.send({ type: "relay", connection: this.#name, ...content });
      this.#wait();
    } catch {
      this.#kernel.busy(false); // it is gone
      this.#end(LOST, "");
    }
  }

  readonly #hear = (content: Content): void => {
    if (content["type"] !== "relay" || content["connection"] !== this.#name) return;
    switch (content["kind"]) {
      case "took":
        return this.#took(content["n"]);
      case "opened":
        return this.#handlers.opened();
      case "frame":
        return this.#handlers.received(content["data"]);
      case "closed":
        return this.#end(Number(content["code"]), String(content["reason"]));
    }
  };

  #took(n: unknown): void {
    this.#stopWaiting();
    this.#kernel.busy(false);
    if (n !== this.#said) this.#wait();
  }

  #wait(): void {
    this.#stopWaiting();
    this.#stopWaiting = this.#kernel.clock.after(BUSY_MS, () => this.#kernel.busy(true));
  }

  /** Later: whoever sends does not expect to be called back meanwhile. */
  #end(code: number, reason: string): void {
    this.#leave();
    this.#kernel.clock.after(0, () => this.#handlers.closed(code, reason));
  }

  #leave(): void {
    this.#stopWaiting();
    this.#kernel.comm.off("msg:custom", this.#hear);
  }
}
