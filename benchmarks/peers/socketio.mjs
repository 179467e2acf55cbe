// socket.io on node: a room for each conversation; stores nothing, knows nobody.
// Prints its port, ends when stdin does.

import { createServer } from "node:http";
import { Server } from "socket.io";

const http = createServer();
const io = new Server(http, { transports: ["websocket"], serveClient: false });

io.on("connection", (socket) => {
  const { conversation } = socket.handshake.query;
  socket.join(conversation);
  socket.on("post", (message) => io.to(conversation).emit("post", message));
});
http.listen(0, "127.0.0.1", () => console.log(http.address().port));
process.stdin.resume().on("end", () => process.exit());
