import { tmpdir } from "node:os";
import { MessageChannel, type MessagePort } from "node:worker_threads";
import { createORPCClient } from "@orpc/client";
import { RPCLink } from "@orpc/client/message-port";
import { openEngine } from "../../src/engine/engine.ts";
import type { EngineClient } from "./harness.ts";
import { describeContract } from "./suite.ts";

describeContract("a MessagePort, as in the desktop", async (workspace) => {
  const engine = openEngine({ workspace, roots: [tmpdir()] });
  const ports: MessagePort[] = [];
  const another = async (): Promise<EngineClient> => {
    const { port1, port2 } = new MessageChannel();
    ports.push(port1, port2);
    const connection = engine.connect((message) => port2.postMessage(message));
    port2.on("message", (data) => void connection.message(data).catch(() => port2.close()));
    port2.on("close", () => connection.close());
    // A worker's port has both ways to listen; oRPC's own takes the browser's.
    port1.start();
    return createORPCClient(new RPCLink({ port: port1 }));
  };
  const close = async () => {
    for (const port of ports) port.close();
    await engine.close();
  };
  return { client: await another(), another, close };
});
