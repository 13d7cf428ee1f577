/** Sockets: several tabs, and messages that no page of ours would send. */
import { once } from "node:events";
import { createORPCClient } from "@orpc/client";
import { RPCLink } from "@orpc/client/websocket";
import { expect, test } from "vitest";
import type { WebSocket } from "ws";
import type { EngineClient } from "../../src/cli/context.ts";
import { endOf, type ServedApp, servedApp } from "../builders/served-app.ts";

const spec = { base: "/base", tuned: [{ label: "a", path: "/a" }], settings: {}, embeddings: false } as never;
const call = JSON.stringify({ i: "1", p: { u: "/runs/list" } });

async function tab(app: ServedApp): Promise<WebSocket> {
  const socket = app.socket(await app.signIn());
  await once(socket, "open");
  return socket;
}

function clientOf(socket: WebSocket): EngineClient {
  return createORPCClient(new RPCLink({ websocket: socket }));
}

/** Bytes that are no frame, or a broken one. */
function writeRaw(socket: WebSocket, bytes: Buffer): void {
  (socket as unknown as { _socket: { write(bytes: Buffer): void } })._socket.write(bytes);
}

async function stillAnswers(socket: WebSocket): Promise<void> {
  expect(await clientOf(socket).runs.list()).toEqual([]);
}

test.each<[string, string | Buffer, number]>([
  ["no JSON", "hello", 1002],
  ["an empty message", "", 1002],
  ["a number", "7", 1002],
  ["null", "null", 1002],
  ["no id", '{"p":{"u":"/runs/list"}}', 1002],
  ["an id without end", `{"i":"${"9".repeat(100)}","p":{"u":"/runs/list"}}`, 1002],
  ["a foreign address", '{"i":"1","p":{"u":"http://evil.example/runs/list"}}', 1002],
  ["an unknown field", '{"i":"1","p":{"u":"/runs/list"},"x":1}', 1002],
  ["another method", '{"i":"1","p":{"u":"/runs/list","m":"DELETE"}}', 1002],
  ["a foreign header", '{"i":"1","p":{"u":"/runs/list","h":{"content-type":"multipart/form-data"}}}', 1002],
  ["a stream nobody asked for", '{"i":"1","t":3,"p":{"e":"message","d":1}}', 1002],
  ["a type that does not exist", '{"i":"1","t":9}', 1002],
  ["bytes", Buffer.from([1, 2, 255]), 1003],
  ["more than is ever asked", `{"i":"1","p":{"u":"/runs/list","b":"${"x".repeat(9 * 2 ** 20)}"}}`, 1009],
])("%s ends that socket and no other", async (_name, message, code) => {
  const app = await servedApp();
  const honest = await tab(app);
  const hostile = await tab(app);
  const end = endOf(hostile);
  hostile.send(message);
  expect(await end).toEqual({ code });
  await stillAnswers(honest);
});

test("text that is not UTF-8 and a broken frame end that socket and no other", async () => {
  const app = await servedApp();
  const honest = await tab(app);
  for (const [bytes, code] of [
    [Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0xc3, 0x28]), 1007],
    [Buffer.from([0xff, 0xff, 0xff, 0xff]), 1002],
  ] as const) {
    const hostile = await tab(app);
    const end = endOf(hostile);
    writeRaw(hostile, bytes);
    expect(await end).toEqual({ code });
  }
  await stillAnswers(honest);
});

test("a tab too many is told so, and cannot end the others by what it sends on its way out", async () => {
  const app = await servedApp();
  const cookie = await app.signIn();
  const tabs = Array.from({ length: 64 }, () => app.socket(cookie));
  await Promise.all(tabs.map((socket) => once(socket, "open")));
  const last = app.socket(cookie);
  const end = endOf(last);
  last.once("open", () => writeRaw(last, Buffer.from([0xff, 0xff, 0xff, 0xff])));
  expect(await end).toEqual({ code: 1013 });
  await stillAnswers(tabs[0] as WebSocket);
});

test("a second call under a running call's id ends the socket", async () => {
  const app = await servedApp({ waitForCancel: true });
  const socket = await tab(app);
  const end = endOf(socket);
  const run = JSON.stringify({ i: "1", p: { u: "/analysis/run", b: { json: spec } } });
  socket.send(run);
  socket.send(run);
  expect(await end).toEqual({ code: 1002 });
});

test("a cancel for a call that was answered, or never made, is no offence", async () => {
  const app = await servedApp();
  const socket = await tab(app);
  socket.send(JSON.stringify({ i: "77", t: 4 }));
  socket.send(call);
  await once(socket, "message");
  socket.send(JSON.stringify({ i: "1", t: 4 }));
  await stillAnswers(socket);
});

test("procedures that do not exist, of names that every object has, are refused one by one", async () => {
  const socket = await tab(await servedApp());
  for (const [index, path] of ["/nope", "/__proto__/x", "/runs/constructor", "/runs", "/runs/list/deeper"].entries()) {
    const answered = once(socket, "message");
    socket.send(JSON.stringify({ i: String(index), p: { u: path } }));
    const [data] = await answered;
    expect(JSON.parse(String(data))).toMatchObject({ i: String(index), p: { s: 404 } });
  }
  await stillAnswers(socket);
});

test("a value cannot reach into the prototypes", async () => {
  const socket = await tab(await servedApp());
  const answered = once(socket, "message");
  const body = '{"json":{"__proto__":{"polluted":1},"path":"/x"},"meta":[[1,"__proto__","polluted"]]}';
  socket.send(`{"i":"1","p":{"u":"/inspect","b":${body}}}`);
  await answered;
  expect(({} as { polluted?: number }).polluted).toBeUndefined();
});

test("several tabs with one cookie work at once; one that closes disturbs no other", async () => {
  const app = await servedApp();
  const cookie = await app.signIn();
  const tabs = [app.socket(cookie), app.socket(cookie), app.socket(cookie)];
  await Promise.all(tabs.map((socket) => once(socket, "open")));
  await Promise.all(tabs.map(stillAnswers));
  tabs[0]?.terminate();
  for (const socket of tabs.slice(1)) await stillAnswers(socket);
});

test("stopping says goodbye to every tab and frees the port", async () => {
  const app = await servedApp();
  const socket = await tab(app);
  const end = endOf(socket);
  await app.server.close();
  expect(await end).toEqual({ code: 1001 });
  await expect(app.ask("/")).rejects.toThrow("ECONNREFUSED");
});
