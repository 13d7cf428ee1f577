import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { openStore } from "../../src/engine/store/open-store.ts";
import { temporaryFolder } from "../builders/folders.ts";
import { uniformStream } from "../builders/random.ts";

const ROUNDS = 10;
const writer = fileURLToPath(new URL("./store-crash-writer.ts", import.meta.url));

/** Lets a writer work for a while after its first durable row, kills it, and answers the names it had printed. */
async function writeAndKill(file: string, round: number, milliseconds: number): Promise<string[]> {
  const child: ChildProcess = spawn(process.execPath, [writer, file, String(round)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let printed = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    printed += text;
  });
  if (child.stdout) await once(child.stdout, "data");
  await setTimeout(milliseconds);
  child.kill("SIGKILL");
  await once(child, "close");
  return printed.split("\n").slice(0, -1);
}

test("kill -9 at any moment loses no row that was said to be durable", { timeout: 180_000 }, async () => {
  const file = path.join(temporaryFolder("store-crash"), "store.duckdb");
  const uniform = uniformStream(20_260_101);
  const durable: string[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    durable.push(...(await writeAndKill(file, round, uniform() * 300)));
    const store = await openStore(file);
    expect(store.recovered).toBeUndefined();
    const stored = await store.storedModules("a");
    expect(durable.filter((name) => !stored.has(name))).toEqual([]);
    expect((await store.run(`run ${round}`))?.state).toBe("interrupted");
    // At most what was in work is there beyond what was printed: one row of each of the three lanes per round.
    expect(stored.size - durable.length).toBeLessThanOrEqual(3 * (round + 1));
    const [latest = ""] = durable.slice(-1);
    const [module] = await store.modules("a", [latest]);
    const index = Number(latest.split(".")[2]);
    expect(module?.delta?.singularValues).toEqual(Array.from({ length: 500 }, (_, place) => 1 / (place + index + 1)));
    await store.close();
  }
  expect(durable.length).toBeGreaterThan(ROUNDS);
});
