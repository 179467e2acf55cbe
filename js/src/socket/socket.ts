// A WebSocket that comes back. Owns when to connect, wait and give up; must not know what the
// frames mean beyond greeting, heartbeat and farewell. Whatever is lost, the listener resumes.

import type { Clock } from "../clock.ts";
import { CREDENTIALS, classifyClose, HEARTBEAT, normalizeCode } from "../protocol/close.ts";
import { assertNever, decodeFrame } from "../protocol/frames.ts";
import {
  type Link,
  NOT_ENABLED,
  type Transport,
  type TransportListener,
} from "../protocol/transport.ts";
import type { ClientFrame, Goodbye, ServerFrame } from "../protocol/types.generated.ts";
import { backOff } from "./back-off.ts";
import type { Probe } from "./server.ts";

const HANDSHAKE_MS = 15_000; // to open; a lost packet of the handshake takes seconds
const DEFAULT_HEARTBEAT_S = 20; // until `welcome` says
const SILENT_HEARTBEATS = 1.5; // without a frame, and the connection is taken for dead
const STEADY_MS = 5_000; // live for so long, and the next loss starts the back-off anew
const PROBE_AFTER_REFUSALS = 2;

/** What a socket needs of the browser. */
export interface SocketEnvironment {
  readonly clock: Clock;
  readonly random: () => number;
  readonly isOnline: () => boolean;
  /** Calls back when the page may reach the network again (online, focus, visible) or lost it. */
  readonly watch: (wake: () => void, offline: () => void) => () => void;
  readonly open: (url: string) => SocketLike;
  /** Asks by HTTP why handshakes fail. */
  readonly probe: () => Promise<Probe>;
}

/** The part of a browser's WebSocket that is used here. */
export interface SocketLike {
  onopen: (() => void) | null;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null;
  send(data: string): void;
  close(code?: number): void;
}

type Phase =
  | { readonly at: "idle" }
  | { readonly at: "opening"; readonly socket: SocketLike }
  | { readonly at: "open"; readonly socket: SocketLike }
  | { readonly at: "live"; readonly socket: SocketLike; readonly since: number }
  | { readonly at: "waiting"; readonly retryAt: number }
  | { readonly at: "ended" }
  | { readonly at: "closed" };

export function connect(url: string, environment: SocketEnvironment): Transport {
  return new ReconnectingSocket(url, environment);
}

class ReconnectingSocket implements Transport {
  readonly #url: string;
  readonly #env: SocketEnvironment;
  #listener: TransportListener | null = null;
  #phase: Phase = { at: "idle" };
  #wasLive = false;
  #brokenSince = 0;
  #tries = 0;
  #refusals = 0; // handshakes in a row that never opened
  #lastFrameAt = 0;
  #silenceMs = DEFAULT_HEARTBEAT_S * SILENT_HEARTBEATS * 1000;
  #goodbye: Goodbye | null = null;
  #cancelTimer = () => {};
  #unwatch = () => {};

  constructor(url: string, environment: SocketEnvironment) {
    this.#url = url;
    this.#env = environment;
  }

  start(listener: TransportListener): void {
    this.#listener = listener;
    this.#brokenSince = this.#env.clock.now();
    this.#unwatch = this.#env.watch(
      () => this.#wake(),
      () => this.#wentOffline(),
    );
    this.#connect();
  }

  send(frame: ClientFrame): boolean {
    if (this.#phase.at !== "open" && this.#phase.at !== "live") return false;
    this.#phase.socket.send(JSON.stringify(frame));
    return true;
  }

  reconnectNow(): void {
    if (this.#phase.at === "closed") return;
    this.#tries = 0;
    this.#drop();
    this.#connect();
  }

  close(): void {
    this.#drop();
    this.#unwatch();
    this.#phase = { at: "closed" };
  }

  // Connecting

  #connect(): void {
    this.#goodbye = null;
    let socket: SocketLike;
    try {
      socket = this.#env.open(this.#url);
    } catch (error) {
      console.warn("jupyter_collab: the page may not open a WebSocket", error);
      return this.#waitAndTryAgain();
    }
    this.#phase = { at: "opening", socket };
    this.#showTrying();
    this.#setTimer(HANDSHAKE_MS, () => this.#lost({ code: 1006, socket }));
    socket.onopen = () => this.#opened(socket);
    socket.onmessage = (event) => this.#received(socket, event.data);
    socket.onclose = (event) => this.#lost({ code: event.code, reason: event.reason, socket });
  }

  #opened(socket: SocketLike): void {
    if (!this.#isCurrent(socket) || this.#listener === null) return;
    this.#phase = { at: "open", socket };
    this.#refusals = 0;
    this.#heard();
    this.send(this.#listener.hello());
  }

  #received(socket: SocketLike, data: unknown): void {
    if (!this.#isCurrent(socket) || typeof data !== "string") return;
    this.#heard();
    const frame = decodeFrame(data);
    if (frame === null) return console.warn("jupyter_collab: an unknown frame was ignored");
    this.#listener?.frame(frame);
    this.#understand(frame, socket);
  }

  /** After the listener, so that a link that is shown as live has its entries. */
  #understand(frame: ServerFrame, socket: SocketLike): void {
    if (!this.#isCurrent(socket)) return; // the listener closed it
    switch (frame.type) {
      case "welcome":
        this.#silenceMs = frame.heartbeat_s * SILENT_HEARTBEATS * 1000;
        return this.#heard();
      case "live":
        return this.#becameLive(socket);
      case "ping":
        this.send({ type: "pong", n: frame.n });
        return;
      case "goodbye":
        this.#goodbye = frame;
        return;
      default:
        return;
    }
  }

  #becameLive(socket: SocketLike): void {
    const since = this.#env.clock.now();
    this.#phase = { at: "live", socket, since };
    this.#show({ state: "live", since, resumed: this.#wasLive });
    this.#wasLive = true;
  }

  #heard(): void {
    this.#lastFrameAt = this.#env.clock.now();
    this.#setTimer(this.#silenceMs, () => this.#fallSilent());
  }

  #fallSilent(): void {
    const phase = this.#phase;
    if (phase.at !== "open" && phase.at !== "live") return;
    phase.socket.close(HEARTBEAT);
    this.#lost({ code: HEARTBEAT, socket: phase.socket });
  }

  // Losing it

  #lost(loss: { code: number; reason?: string; socket: SocketLike }): void {
    if (!this.#isCurrent(loss.socket)) return;
    const phase = this.#phase;
    const wasLiveNow = phase.at === "live";
    const now = this.#env.clock.now();
    if (phase.at === "opening") this.#refusals += 1;
    if (phase.at === "live") {
      this.#brokenSince = now;
      if (now - phase.since >= STEADY_MS) this.#tries = 0;
    }
    this.#drop();
    const code = normalizeCode(loss.code);
    const cause = classifyClose(code);
    switch (cause) {
      case "stop":
        return this.#end(code, this.#goodbye?.message || loss.reason || "The server closed it.");
      case "now":
        if (code === CREDENTIALS) return void this.#renewAndConnect();
        return wasLiveNow ? this.#connect() : this.#waitAndTryAgain();
      case "back-off":
        return this.#waitAndTryAgain();
      default:
        assertNever(cause);
    }
  }

  #waitAndTryAgain(): void {
    const told = this.#goodbye?.retry_after_s;
    const delay = told == null ? backOff(this.#tries, this.#env.random()) : told * 1000;
    this.#goodbye = null;
    this.#tries += 1;
    const phase: Phase = { at: "waiting", retryAt: this.#env.clock.now() + delay };
    this.#phase = phase;
    this.#showWaiting();
    this.#setTimer(delay, () => this.#connect());
    if (this.#refusals >= PROBE_AFTER_REFUSALS) void this.#findOut();
  }

  /** A browser shows every refused handshake as 1006: HTTP tells why. */
  async #findOut(): Promise<void> {
    const answer = await this.#env.probe();
    const stillRefused = this.#phase.at === "waiting" || this.#phase.at === "opening";
    if (!stillRefused || this.#refusals === 0 || answer.kind !== "refused") return;
    if (answer.code === NOT_ENABLED && this.#wasLive) return; // it is restarting, or behind a proxy
    this.#drop();
    this.#end(answer.code, answer.message);
  }

  async #renewAndConnect(): Promise<void> {
    const phase: Phase = { at: "waiting", retryAt: this.#env.clock.now() };
    this.#phase = phase;
    this.#showWaiting();
    const answer = await this.#env.probe();
    if (this.#phase !== phase) return;
    if (answer.kind === "refused") this.#end(answer.code, answer.message);
    else if (answer.kind === "reachable") this.#connect();
    else this.#waitAndTryAgain();
  }

  #end(code: number, message: string): void {
    this.#phase = { at: "ended" };
    this.#show({ state: "ended", code, message });
  }

  /** Leaves the present socket, whatever it still says. */
  #drop(): void {
    this.#cancelTimer();
    const phase = this.#phase;
    if (phase.at !== "opening" && phase.at !== "open" && phase.at !== "live") return;
    if (phase.at === "live") this.#brokenSince = this.#env.clock.now();
    this.#phase = { at: "idle" };
    phase.socket.close(1000);
  }

  // The page

  #wake(): void {
    const phase = this.#phase;
    if (phase.at === "waiting") {
      this.#cancelTimer();
      this.#connect();
    } else if (phase.at === "opening") {
      this.#showTrying();
    } else if (phase.at === "open" || phase.at === "live") {
      const silence = this.#env.clock.now() - this.#lastFrameAt;
      if (silence >= this.#silenceMs) this.#fallSilent(); // timers slept with the computer
    }
  }

  #wentOffline(): void {
    const phase = this.#phase;
    if (phase.at === "waiting") return this.#showWaiting();
    if (phase.at === "idle" || phase.at === "ended" || phase.at === "closed") return;
    this.#drop();
    this.#waitAndTryAgain(); // a server on this computer, or a browser that errs, still answers
  }

  // What is shown

  #showTrying(): void {
    if (!this.#env.isOnline()) return this.#showWaiting();
    const since = this.#brokenSince;
    this.#show(this.#wasLive ? { state: "trying", since } : { state: "connecting", since });
  }

  #showWaiting(): void {
    const since = this.#brokenSince;
    if (!this.#env.isOnline()) return this.#show({ state: "offline", since });
    const retryAt = this.#phase.at === "waiting" ? this.#phase.retryAt : this.#env.clock.now();
    this.#show({ state: "waiting", since, retryAt });
  }

  #show(link: Link): void {
    this.#listener?.link(link);
  }

  #isCurrent(socket: SocketLike): boolean {
    const phase = this.#phase;
    return "socket" in phase && phase.socket === socket;
  }

  #setTimer(ms: number, run: () => void): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#env.clock.after(ms, run);
  }
}
