// Finding the page's server, and asking it by HTTP.

import assert from "node:assert/strict";
import { test } from "node:test";
import { whoAmI } from "../src/offline/who.ts";
import { findServer, type PageServer } from "../src/socket/base-url.ts";
import { type Http, probe, renameMe, socketUrl } from "../src/socket/server.ts";

const SERVER: PageServer = {
  baseUrl: "http://here/a/",
  wsUrl: "ws://here/a/",
  token: "t0k",
};

function page(config: string | null, dataset: Record<string, string> = {}): Document {
  const element = config === null ? null : { textContent: config };
  const fake: unknown = { getElementById: () => element, body: { dataset } };
  return fake as Document; // a document is too much to fake in full
}

interface Asked {
  readonly url: string;
  readonly init: RequestInit;
}

/** Answers by path with a status, and notes what was asked. */
function http(statuses: Record<string, number>, body = "{}"): Http & { readonly asked: Asked[] } {
  const asked: Asked[] = [];
  return {
    asked,
    cookie: () => "other=1; _xsrf=2|abc; more=2",
    fetch: async (input, init) => {
      asked.push({ url: String(input), init: init ?? {} });
      const status = statuses[new URL(String(input)).pathname];
      if (status === undefined) throw new TypeError("Failed to fetch");
      return new Response(body, { status });
    },
  };
}

const INDEX = "/a/jupyter_collab/api/v1/conversations";

test("[UI8] JupyterLab's page says where its server is", () => {
  const config = JSON.stringify({ baseUrl: "/user/ada/", wsUrl: "", token: "t0k" });
  assert.deepEqual(findServer(page(config), "https://hub/user/ada/lab/tree/x.ipynb"), {
    baseUrl: "https://hub/user/ada/",
    wsUrl: "wss://hub/user/ada/",
    token: "t0k",
  });
});

test("[UI8] a page may have its sockets elsewhere", () => {
  const config = JSON.stringify({ baseUrl: "/", wsUrl: "wss://sockets/x" });
  assert.equal(findServer(page(config), "https://hub/lab")?.wsUrl, "wss://sockets/x/");
});

test("[UI8] nbclassic says it on the body", () => {
  const dataset = { baseUrl: "/base/", jupyterApiToken: "t0k" };
  assert.deepEqual(findServer(page(null, dataset), "http://here/base/notebooks/x.ipynb"), {
    baseUrl: "http://here/base/",
    wsUrl: "ws://here/base/",
    token: "t0k",
  });
});

test("[UI8] Voila's config counts, not its body", () => {
  const config = JSON.stringify({ baseUrl: "/" });
  const found = findServer(
    page(config, { baseUrl: "/voila/" }),
    "http://here/voila/render/x.ipynb",
  );
  assert.equal(found?.baseUrl, "http://here/");
});

test("[UI8] no server is no server, and so is a config that can't be read", () => {
  assert.equal(findServer(page(null), "vscode-webview://x/"), null);
  assert.equal(findServer(page("{"), "http://here/"), null);
});

test("[UI4] the socket is the conversation's", () => {
  const url = socketUrl(SERVER, "team");
  assert.equal(url, "ws://here/a/jupyter_collab/api/v1/conversations/team/socket");
});

test("[ID6] every request carries the token and the XSRF header, and follows no redirect", async () => {
  const asks = http({ [INDEX]: 200 });
  assert.deepEqual(await probe(SERVER, asks), { kind: "reachable" });
  const headers = new Headers(asks.asked[0]?.init.headers);
  assert.equal(headers.get("Authorization"), "token t0k");
  assert.equal(headers.get("X-XSRFToken"), "2|abc");
  assert.equal(asks.asked[0]?.init.redirect, "manual");
});

test("[UI4] the probe tells apart why a handshake was refused", async () => {
  const kind = async (statuses: Record<string, number>) => {
    const answer = await probe(SERVER, http(statuses));
    return answer.kind === "refused" ? answer.code : answer.kind;
  };
  assert.equal(await kind({}), "unreachable");
  assert.equal(await kind({ [INDEX]: 502 }), "unreachable");
  assert.equal(await kind({ [INDEX]: 404 }), 404);
  assert.equal(await kind({ [INDEX]: 401 }), 4003);
  assert.equal(await kind({ [INDEX]: 403, "/a/api/me": 403 }), 4003);
  assert.equal(await kind({ [INDEX]: 403, "/a/api/me": 200 }), 4004);
  assert.equal(await kind({ [INDEX]: 403 }), "unreachable");
});

test("[UI16] the server says who is here, unless it does not answer", async () => {
  const ada = JSON.stringify({ identity: { username: "ada" } });
  const who = (status: number, body = ada) => whoAmI(SERVER, http({ "/a/api/me": status }, body));
  assert.equal(await who(200), "user:ada");
  assert.equal(await who(401), "");
  assert.equal(await who(403), "");
  assert.equal(await who(502), null);
  for (const body of ["<html>", "{}", "null"]) assert.equal(await who(200, body), null);
  assert.equal(await whoAmI(SERVER, http({})), null);
});

test("[ID5] a new name goes to the server's own API", async () => {
  const asks = http({ "/a/api/me": 200 });
  await renameMe(SERVER, asks, "Countess");
  assert.equal(asks.asked[0]?.init.method, "PATCH");
  assert.equal(asks.asked[0]?.init.body, '{"display_name":"Countess"}');
});

test("[ID5] a name that can't be changed is a sentence for people", async () => {
  await assert.rejects(renameMe(SERVER, http({ "/a/api/me": 400 }), "x"), /doesn't let you/);
  await assert.rejects(renameMe(SERVER, http({}), "x"), /can't be reached/);
});
