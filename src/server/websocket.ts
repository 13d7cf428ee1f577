/** Sockets between browsers and the engine. What goes wrong on one ends that one. */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocket, WebSocketServer } from "ws";
import type { Engine } from "../engine/engine.ts";
import { largestMessageBytes, readMessage } from "./messages.ts";

/** Silence that a network device would end; also finds browsers that went away without a word. */
const pingMilliseconds = 30_000;
/** Tabs at once; each holds one socket. */
const mostSockets = 64;
/** Calls of one tab under way at once; a view needs about ten. */
const mostCalls = 256;
/** Answers that wait in memory for a slow reader; the largest single one is about 20 MB. */
const mostWaitingBytes = 128 * 2 ** 20;
/** Closing waits this long for the other side's agreement. */
const farewellMilliseconds = 1000;

/** Close codes of RFC 6455. */
const codes = { goingAway: 1001, protocol: 1002, notText: 1003, policy: 1008, failed: 1011, later: 1013 } as const;

export interface Sockets {
  /** Takes over a request that was judged before. */
  accept(request: IncomingMessage, stream: Duplex, head: Buffer): void;
  /** Says goodbye to every tab. */
  close(): Promise<void>;
}

export function createSockets(connect: Engine["connect"]): Sockets {
  const server = new WebSocketServer({ noServer: true, maxPayload: largestMessageBytes, perMessageDeflate: false });
  server.on("connection", (socket) => {
    // An error (oversized, broken frame) is followed by "close"; without a listener it would end the process.
    socket.on("error", () => undefined);
    if (server.clients.size > mostSockets) socket.close(codes.later, "Too many tabs are open.");
    else converse(socket, connect);
  });
  const pings = pingAll(server);
  return {
    accept(request, stream, head) {
      server.handleUpgrade(request, stream, head, (socket) => server.emit("connection", socket, request));
    },
    async close() {
      clearInterval(pings);
      await Promise.all([...server.clients].map(sayGoodbye));
      server.close();
    },
  };
}

function converse(socket: WebSocket, connect: Engine["connect"]): void {
  const calls = new Set<string>();
  const connection = connect((message) => {
    if (socket.bufferedAmount > mostWaitingBytes) socket.terminate();
    else if (socket.readyState === WebSocket.OPEN) socket.send(message);
  });
  socket.on("message", (data, isBinary) => {
    if (isBinary) return socket.close(codes.notText, "Messages are text.");
    const text = data.toString();
    const message = readMessage(text);
    if (!message) return socket.close(codes.protocol, "This is no message of the protocol.");
    if (message.kind === "call") {
      if (calls.has(message.id)) return socket.close(codes.protocol, "This call is under way already.");
      if (calls.size >= mostCalls) return socket.close(codes.policy, "Too many calls at once.");
      calls.add(message.id);
    }
    connection
      .message(text)
      .catch(() => socket.close(codes.failed, "The call could not be answered."))
      .finally(() => message.kind === "call" && calls.delete(message.id));
  });
  socket.on("close", () => connection.close());
}

function pingAll(server: WebSocketServer): NodeJS.Timeout {
  const answered = new WeakSet<WebSocket>();
  server.on("connection", (socket) => {
    answered.add(socket);
    socket.on("pong", () => answered.add(socket));
  });
  const timer = setInterval(() => {
    for (const socket of server.clients) {
      if (!answered.delete(socket)) socket.terminate();
      else socket.ping();
    }
  }, pingMilliseconds);
  timer.unref();
  return timer;
}

function sayGoodbye(socket: WebSocket): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => socket.terminate(), farewellMilliseconds);
    socket.once("close", () => {
      clearTimeout(timer);
      resolve();
    });
    socket.close(codes.goingAway, "The server stops.");
  });
}
