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
const CLEAN = 1000;
const NEVER_OPENED = 1006;

/** What a socket needs of the browser. */
export interface SocketEnvironment {
  readonly clock: Clock;
  readonly random: () => number;
  readonly isOnline: () => boolean;
  /** Calls back when the page may reach the network again (online, focus, visible) or lost it. */
  readonly watch: (wake: () => void, offline: () => void) => () => void;
  readonly open: (url: string, handlers: SocketHandlers) => SocketLike;
  /** Asks by HTTP why handshakes fail. */
  readonly probe: () => Promise<Probe>;
}

export interface SocketHandlers {
  opened(): void;
  received(data: unknown): void;
  closed(code: number, reason: string): void;
}

/** The part of a browser's WebSocket that is used here. */
export interface SocketLike {
  send(data: string): void;
  close(code: number): void;
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
  #connection = 0; // whatever an earlier one still says is ignored
  #wasLive = false;
  #brokenSince = 0;
  #tries = 0;
  #refusals = 0; // handshakes in a row that never opened
  #lastFrameAt = 0;
  #silenceMs = DEFAULT_HEARTBEAT_S * SILENT_HEARTBEATS * 1000;
  #goodbye: Goodbye | null = null;
  #why: string | undefined; // of the last loss
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
    this.#drop(CLEAN);
    this.#connect();
  }

  close(): void {
    this.#drop(CLEAN);
    this.#unwatch();
    this.#phase = { at: "closed" };
  }

  // Connecting

  #connect(): void {
    const connection = ++this.#connection;
    const isCurrent = () => connection === this.#connection;
    this.#goodbye = null;
    let socket: SocketLike;
    try {
      socket = this.#env.open(this.#url, {
        opened: () => isCurrent() && this.#opened(),
        received: (data) => isCurrent() && this.#received(data),
        closed: (code, reason) => isCurrent() && this.#lost(code, reason),
      });
    } catch (error) {
      console.warn("jupyter_collab: the page may not open a WebSocket", error);
      return this.#waitAndTryAgain();
    }
    this.#phase = { at: "opening", socket };
    this.#showTrying();
    this.#setTimer(HANDSHAKE_MS, () => this.#lost(NEVER_OPENED));
  }

  #opened(): void {
    if (this.#phase.at !== "opening" || this.#listener === null) return;
    this.#phase = { at: "open", socket: this.#phase.socket };
    this.#refusals = 0;
    this.#heard();
    this.send(this.#listener.hello());
  }

  #received(data: unknown): void {
    if (typeof data !== "string") return;
    this.#heard();
    const connection = this.#connection;
    const frame = decodeFrame(data);
    if (frame === null) return console.warn("jupyter_collab: an unknown frame was ignored");
    this.#listener?.frame(frame);
    if (connection === this.#connection) this.#understand(frame);
  }

  /** After the listener, so that a link that is shown as live has its entries. */
  #understand(frame: ServerFrame): void {
    switch (frame.type) {
      case "welcome":
        this.#silenceMs = frame.heartbeat_s * SILENT_HEARTBEATS * 1000;
        return this.#heard();
      case "live":
        return this.#becameLive();
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

  #becameLive(): void {
    if (this.#phase.at !== "open") return;
    const since = this.#env.clock.now();
    this.#phase = { at: "live", socket: this.#phase.socket, since };
    this.#show({ state: "live", since, resumed: this.#wasLive });
    this.#wasLive = true;
  }

  #heard(): void {
    this.#lastFrameAt = this.#env.clock.now();
    this.#setTimer(this.#silenceMs, () => this.#lost(HEARTBEAT));
  }

  // Losing it

  #lost(rawCode: number, reason = ""): void {
    const { at } = this.#phase;
    const code = normalizeCode(rawCode);
    const cause = classifyClose(code);
    if (at === "opening") this.#refusals += 1;
    this.#drop(code === HEARTBEAT ? code : CLEAN);
    this.#why = this.#goodbye?.message;
    switch (cause) {
      case "stop":
        return this.#end(code, this.#why || reason || "The server closed it.");
      case "now":
        if (code === CREDENTIALS) return void this.#renewAndConnect();
        return at === "live" ? this.#connect() : this.#waitAndTryAgain();
      case "back-off":
        return this.#waitAndTryAgain();
      default:
        assertNever(cause);
    }
  }

  /** Leaves the present connection, if there is one. */
  #drop(code: number): void {
    this.#cancelTimer();
    this.#connection += 1;
    const phase = this.#phase;
    if (phase.at !== "opening" && phase.at !== "open" && phase.at !== "live") return;
    if (phase.at === "live") this.#wasLiveUntilNow(phase.since);
    this.#phase = { at: "idle" };
    phase.socket.close(code);
  }

  #wasLiveUntilNow(since: number): void {
    this.#brokenSince = this.#env.clock.now();
    if (this.#brokenSince - since >= STEADY_MS) this.#tries = 0;
  }

  #waitAndTryAgain(): void {
    const told = this.#goodbye?.retry_after_s ?? 0;
    const delay = Math.max(told * 1000, backOff(this.#tries, this.#env.random()));
    this.#goodbye = null;
    this.#tries += 1;
    this.#wait(delay);
    this.#setTimer(delay, () => this.#connect());
    if (this.#refusals >= PROBE_AFTER_REFUSALS) void this.#findOut();
  }

  #wait(ms: number): void {
    this.#phase = { at: "waiting", retryAt: this.#env.clock.now() + ms };
    this.#showWaiting();
  }

  /** A browser shows every refused handshake as 1006: HTTP tells why. */
  async #findOut(): Promise<void> {
    const answer = await this.#env.probe();
    const isStillRefused = this.#phase.at === "waiting" || this.#phase.at === "opening";
    if (!isStillRefused || answer.kind !== "refused") return;
    if (answer.code === NOT_ENABLED && this.#wasLive) return; // it restarts, or its proxy answers
    this.#drop(CLEAN);
    this.#end(answer.code, answer.message);
  }

  async #renewAndConnect(): Promise<void> {
    this.#wait(0);
    const waiting = this.#phase;
    const answer = await this.#env.probe();
    if (this.#phase !== waiting) return;
    if (answer.kind === "refused") this.#end(answer.code, answer.message);
    else if (answer.kind === "reachable") this.#connect();
    else this.#waitAndTryAgain();
  }

  #end(code: number, message: string): void {
    this.#phase = { at: "ended" };
    this.#show({ state: "ended", code, message });
  }

  // The page

  #wake(): void {
    const { at } = this.#phase;
    if (at === "waiting") {
      this.#cancelTimer();
      this.#connect();
    } else if (at === "opening") {
      this.#showTrying();
    } else if (at === "open" || at === "live") {
      const silence = this.#env.clock.now() - this.#lastFrameAt;
      if (silence >= this.#silenceMs) this.#lost(HEARTBEAT); // timers slept with the computer
    }
  }

  #wentOffline(): void {
    const { at } = this.#phase;
    if (at === "waiting") return this.#showWaiting();
    if (at === "idle" || at === "ended" || at === "closed") return;
    this.#drop(CLEAN);
    this.#waitAndTryAgain(); // a server on this computer, or a browser that errs, still answers
  }

  // What is shown

  #showTrying(): void {
    if (!this.#env.isOnline()) return this.#showWaiting();
    const state = this.#wasLive ? "trying" : "connecting";
    this.#show({ state, since: this.#brokenSince, why: this.#why });
  }

  #showWaiting(): void {
    const since = this.#brokenSince;
    if (!this.#env.isOnline()) return this.#show({ state: "offline", since });
    const retryAt = this.#phase.at === "waiting" ? this.#phase.retryAt : this.#env.clock.now();
    this.#show({ state: "waiting", since, retryAt, why: this.#why });
  }

  #show(link: Link): void {
    this.#listener?.link(link);
  }

  #setTimer(ms: number, run: () => void): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#env.clock.after(ms, run);
  }
}
