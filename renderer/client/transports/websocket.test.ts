/** Losing the engine and reaching it again, against a real server of sockets. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { WebSocketServer } from "ws";
import { connectByWebSocket } from "./websocket.ts";

/** Answers each call with its path, but leaves those to `/stay` open. */
async function echoServer(port = 0): Promise<{ port: number; stop(): Promise<void> }> {
  const server = new WebSocketServer({ host: "127.0.0.1", port });
  await once(server, "listening");
  server.on("connection", (socket) =>
    socket.on("message", (data) => {
      const { i, p } = JSON.parse(String(data));
      if (p.u !== "/stay") socket.send(JSON.stringify({ i, p: { b: { json: p.u } } }));
    }),
  );
  const stop = async () => {
    for (const socket of server.clients) socket.terminate();
    server.close();
    await once(server, "close");
  };
  return { port: (server.address() as AddressInfo).port, stop };
}

function connectTo(port: number, signedIn = async () => true) {
  const sockets: WebSocket[] = [];
  /** When each was opened, in milliseconds. */
  const opened: number[] = [];
  let ended = false;
  const open = (url: string) => {
    const socket = new WebSocket(url);
    sockets.push(socket);
    opened.push(performance.now());
    // A test that is over asks for nothing more.
    if (ended) socket.close();
    return socket;
  };
  onTestFinished(() => {
    ended = true;
    for (const socket of sockets) socket.close();
  });
  const { engine, connection } = connectByWebSocket({ url: `ws://127.0.0.1:${port}/engine`, open, signedIn });
  const ask = engine as unknown as Record<string, () => Promise<unknown>>;
  return { ask, connection, opened };
}

/** An attempt to reach the server may be five seconds away. */
const untilPhase = (connection: { getSnapshot(): { phase: string } }, phase: string) =>
  expect.poll(() => connection.getSnapshot().phase, { timeout: 30_000 }).toBe(phase);

test("calls made before the socket is open wait for it", async () => {
  const server = await echoServer();
  const { ask, connection } = connectTo(server.port);
  expect(connection.getSnapshot()).toEqual({ phase: "starting", resumptions: 0 });
  expect(await ask.list?.()).toBe("/list");
  expect(connection.getSnapshot()).toEqual({ phase: "connected", resumptions: 0 });
  await server.stop();
});

test("when the engine is lost, calls under way fail, later ones wait, and its return counts", async () => {
  const server = await echoServer();
  const { ask, connection } = connectTo(server.port);
  await ask.list?.();
  const states: string[] = [];
  connection.subscribe(() => states.push(connection.getSnapshot().phase));
  const underWay = expect(ask.stay?.()).rejects.toThrow();
  await server.stop();
  await underWay;
  await untilPhase(connection, "gone");
  const waiting = ask.list?.();
  const again = await echoServer(server.port);
  expect(await waiting).toBe("/list");
  expect(states).toEqual(["gone", "connected"]);
  expect(connection.getSnapshot().resumptions).toBe(1);
  await again.stop();
});

test("a server that does not know this browser any more is a state of its own, until it does", async () => {
  const server = await echoServer();
  let known = true;
  const { ask, connection } = connectTo(server.port, async () => known);
  await ask.list?.();
  known = false;
  await server.stop();
  await untilPhase(connection, "signed-out");
  const again = await echoServer(server.port);
  await untilPhase(connection, "connected");
  await again.stop();
});

test("attempts come at growing distances, not in a storm", async () => {
  const server = await echoServer();
  const { ask, opened } = connectTo(server.port);
  await ask.list?.();
  await server.stop();
  await expect.poll(() => opened.length, { timeout: 30_000 }).toBeGreaterThanOrEqual(4);
  const pauses = opened.slice(1).map((at, index) => at - (opened[index] ?? at));
  // A busy machine makes pauses longer, never shorter; a timer may be early by a millisecond.
  for (const [index, least] of [250, 500, 1000].entries()) expect(pauses[index]).toBeGreaterThan(least - 10);
});
