/** An engine in its own thread: component tests run among a browser's globals, which an engine never meets. */
import { parentPort, workerData } from "node:worker_threads";
import { openEngine } from "../../src/engine/engine.ts";

const engine = openEngine({ workspace: workerData.workspace, roots: workerData.roots });
const connection = engine.connect((message) => parentPort?.postMessage(message));

parentPort?.on("message", async (message: string | ArrayBuffer | { close: true }) => {
  if (typeof message === "string" || message instanceof ArrayBuffer) return await connection.message(message);
  connection.close();
  await engine.close();
  parentPort?.close();
});
