// The browser's own network, as the socket needs it.

import { systemClock } from "../clock.ts";
import type { PageServer } from "./base-url.ts";
import { type Http, probe } from "./server.ts";
import type { SocketEnvironment, SocketHandlers, SocketLike } from "./socket.ts";

export const browserHttp: Http = {
  fetch: (input, init) => fetch(input, init),
  cookie: () => document.cookie,
};

export function browserEnvironment(server: PageServer): SocketEnvironment {
  return {
    clock: systemClock,
    random: Math.random,
    isOnline: () => navigator.onLine,
    watch,
    open: openSocket,
    probe: () => probe(server, browserHttp),
  };
}

function openSocket(url: string, handlers: SocketHandlers): SocketLike {
  const socket = new WebSocket(url);
  socket.onopen = () => handlers.opened();
  socket.onmessage = (event) => handlers.received(event.data);
  socket.onclose = (event) => handlers.closed(event.code, event.reason);
  return {
    // What is sent while it closes is lost with it: a browser would complain of that, too.
    send: (data) => socket.readyState === WebSocket.OPEN && socket.send(data),
    close: (code) => socket.close(code),
  };
}

export function watch(wake: () => void, offline: () => void): () => void {
  const listening = new AbortController();
  const { signal } = listening;
  window.addEventListener("online", wake, { signal });
  window.addEventListener("focus", wake, { signal });
  window.addEventListener("pageshow", wake, { signal });
  window.addEventListener("offline", offline, { signal });
  document.addEventListener(
    "visibilitychange",
    () => document.visibilityState === "visible" && wake(),
    { signal },
  );
  return () => listening.abort();
}
