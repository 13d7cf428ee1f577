/**
 * Measurements inside one process that holds the engine, printed as JSON:
 * `open PATH` and `block BASE TUNED THREADS WORKSPACE`.
 */
import { monitorEventLoopDelay } from "node:perf_hooks";
import { openEngine } from "../../src/engine/engine.ts";

/** Milliseconds and memory from the call to the answer; the engine's code is loaded before. */
async function measureOpen(path: string): Promise<object> {
  const engine = openEngine({});
  const before = process.memoryUsage().rss;
  const started = performance.now();
  const found = await engine.client.inspect({ path });
  const milliseconds = performance.now() - started;
  const bytes = process.memoryUsage().rss - before;
  await engine.close();
  return { milliseconds, bytes, tensors: found.checkpoint?.tensors };
}

/** The longest time during which the event loop of an analysing process answered nobody. */
async function measureBlocking(base: string, tuned: string, threads: number, workspace: string): Promise<object> {
  const engine = openEngine({ workspace, threads });
  const settings = { k: 10, epsilon: 0.5, side: "left", quick: false, exact: false, asMerged: false, seed: 0 } as const;
  const delays = monitorEventLoopDelay({ resolution: 1 });
  delays.enable();
  const events = await engine.client.analysis.run({ base, tuned: [{ label: "run", path: tuned }], settings, threads });
  let last = "";
  for await (const event of events) last = event.type;
  delays.disable();
  await engine.close();
  if (last !== "finished") throw new Error(`the analysis ended with ${last}`);
  return { milliseconds: delays.max / 1e6 };
}

const [mode, first = "", second = "", threads = "", workspace = ""] = process.argv.slice(2);
const measured =
  mode === "open" ? await measureOpen(first) : await measureBlocking(first, second, Number(threads), workspace);
console.log(JSON.stringify(measured));
