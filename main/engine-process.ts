/** The engine as a process of its own: when it dies, the window stays. Main sends it one port per page. */
import { openEngine } from "../src/engine/engine.ts";
import type { EngineStart, EngineWord } from "./engine-words.ts";

const start = JSON.parse(process.argv.at(-1) ?? "{}") as EngineStart;
const engine = openEngine({ workspace: start.workspace, roots: start.roots });

process.parentPort.on("message", ({ data, ports }) => {
  const [port] = ports;
  if (port) answer(port);
  else if ((data as EngineWord) === "stop") void stop();
});

function answer(port: Electron.MessagePortMain): void {
  const connection = engine.connect((message) => port.postMessage(message));
  // A message that is not of the protocol ends the port it came through, and no other.
  port.on("message", ({ data }) => void connection.message(data).catch(() => port.close()));
  port.on("close", () => connection.close());
  port.start();
}

/** Running jobs are cancelled; their finished modules are kept. */
async function stop(): Promise<void> {
  await engine.close();
  process.exit(0);
}
