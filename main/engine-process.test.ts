/** The engine's process with Electron's side of it played by Node's own ports. */
import { EventEmitter } from "node:events";
import { MessageChannel } from "node:worker_threads";
import { createORPCClient } from "@orpc/client";
import { RPCLink } from "@orpc/client/message-port";
import { afterAll, expect, test, vi } from "vitest";
import { temporaryFolder } from "../test/builders/folders.ts";
import type { EngineClient } from "../test/contract/harness.ts";

const workspace = temporaryFolder("desktop");
const parent = new EventEmitter();
Object.assign(process, { parentPort: parent });
process.argv.push(JSON.stringify({ workspace, roots: ["/"] }));
await import("./engine-process.ts");
const exit = vi.spyOn(process, "exit").mockImplementation(() => undefined as never);

afterAll(() => exit.mockRestore());

/** Electron's ports hand over events, Node's the data alone. */
function page() {
  const { port1, port2 } = new MessageChannel();
  const closed = vi.fn();
  const port = {
    postMessage: (message: unknown) => port2.postMessage(message),
    on: (kind: string, listener: (event: { data: unknown }) => void) =>
      port2.on(kind as "message", (data: unknown) => listener({ data })),
    start: () => port2.start(),
    close: () => port2.close(),
  };
  port1.on("close", closed);
  parent.emit("message", { data: "page", ports: [port] });
  port1.start();
  const client: EngineClient = createORPCClient(new RPCLink({ port: port1 }));
  return { client, port: port1, closed };
}

test("each page has its port; a message that is none of the protocol ends that port only", async () => {
  const first = page();
  const second = page();
  expect(await first.client.workspace.info()).toMatchObject({ folder: workspace, empty: true });
  second.port.postMessage("no message of the protocol");
  await expect.poll(() => second.closed).toHaveBeenCalled();
  expect(await first.client.library.list()).toEqual([]);
  first.port.close();
});

test("stop closes the workspace and ends the process", async () => {
  parent.emit("message", { data: "stop", ports: [] });
  await expect.poll(() => exit).toHaveBeenCalledWith(0);
  const { openEngine } = await import("../src/engine/engine.ts");
  const next = openEngine({ workspace });
  expect((await next.client.workspace.info()).folder).toBe(workspace);
  await next.close();
});
