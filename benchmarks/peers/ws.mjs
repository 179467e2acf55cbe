// node's `ws`: everyone in a conversation gets every frame; stores nothing, knows nobody.
// Prints its port, ends when stdin does.

import { WebSocketServer } from "ws";

const conversations = new Map();
const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });

server.on("connection", (socket, request) => {
  const peers = conversations.get(request.url) ?? new Set();
  conversations.set(request.url, peers.add(socket));
  socket.on("close", () => peers.delete(socket));
  socket.on("message", (data) => {
    for (const peer of peers) peer.send(data, { binary: false });
  });
});
server.on("listening", () => console.log(server.address().port));
process.stdin.resume().on("end", () => process.exit());
