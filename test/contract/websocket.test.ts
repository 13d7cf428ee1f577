import { once } from "node:events";
import { tmpdir } from "node:os";
import { createORPCClient } from "@orpc/client";
import { RPCLink } from "@orpc/client/websocket";
import { WebSocket } from "ws";
import { openEngine } from "../../src/engine/engine.ts";
import { serveApp } from "../../src/server/serve.ts";
import type { EngineClient } from "./harness.ts";
import { describeContract } from "./suite.ts";

describeContract("a WebSocket of the server", async (workspace) => {
  const engine = openEngine({ workspace, roots: [tmpdir()] });
  const nothing = { app: workspace, allowedHosts: [], print: () => undefined };
  const server = await serveApp({ connect: engine.connect, host: "127.0.0.1", port: 0, ...nothing });
  const origin = `http://127.0.0.1:${server.port}`;
  const { headers } = await fetch(server.newAddress(), { redirect: "manual" });
  const cookie = headers.get("set-cookie")?.split(";")[0] ?? "";
  const another = async (): Promise<EngineClient> => {
    const websocket = new WebSocket(`${origin.replace("http", "ws")}/engine`, { headers: { cookie, origin } });
    await once(websocket, "open");
    return createORPCClient(new RPCLink({ websocket }));
  };
  const close = async () => {
    await server.close();
    await engine.close();
  };
  return { client: await another(), another, close };
});
