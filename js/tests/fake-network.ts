// A network whose sockets are turned by hand, and a transport on it.

import assert from "node:assert/strict";
import type { Link } from "../src/protocol/transport.ts";
import type { ClientFrame, ServerFrame } from "../src/protocol/types.generated.ts";
import type { Probe } from "../src/socket/server.ts";
import { connect, type SocketHandlers } from "../src/socket/socket.ts";
import { FakeClock, welcome } from "./fakes.ts";

class FakeSocket {
  readonly sent: ClientFrame[] = [];
  closedWith: number | null = null;
  readonly handlers: SocketHandlers;

  constructor(handlers: SocketHandlers) {
    this.handlers = handlers;
  }
  send(data: string): void {
    this.sent.push(JSON.parse(data));
  }
  close(code: number): void {
    this.closedWith ??= code;
  }
  say(frame: ServerFrame | { type: "unheard-of" }): void {
    this.handlers.received(JSON.stringify(frame));
  }
  becomeLive(): void {
    this.handlers.opened();
    this.say(welcome());
    this.say({ type: "live", head: 2 });
  }
}

export function network(settings: { random?: number; probe?: Probe } = {}) {
  const clock = new FakeClock();
  const sockets: FakeSocket[] = [];
  const links: Link[] = [];
  const frames: ServerFrame[] = [];
  const page = { isOnline: true, wake: () => {}, offline: () => {}, probes: 0 };
  const transport = connect("ws://here/socket", {
    clock,
    random: () => settings.random ?? 0.5,
    isOnline: () => page.isOnline,
    watch: (wake, offline) => {
      Object.assign(page, { wake, offline });
      return () => {};
    },
    open: (_url, handlers) => {
      const socket = new FakeSocket(handlers);
      sockets.push(socket);
      return socket;
    },
    probe: async () => {
      page.probes += 1;
      return settings.probe ?? { kind: "reachable" };
    },
  });
  transport.start({
    hello: () => ({ type: "hello", protocol: 1 }),
    frame: (frame) => frames.push(frame),
    link: (link) => links.push(link),
  });
  const last = (): FakeSocket => {
    const socket = sockets.at(-1);
    assert.ok(socket);
    return socket;
  };
  const states = () => links.map((link) => link.state);
  return { clock, sockets, links, frames, page, transport, last, states };
}
