import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { interruptedJobs } from "../../src/engine/procedures/interrupted.ts";
import { openStore } from "../../src/engine/store/open-store.ts";
import { temporaryFolder } from "../builders/folders.ts";
import { trainingBench } from "../builders/training-bench.ts";

const engine = fileURLToPath(new URL("./training-crash-engine.ts", import.meta.url));

function linesOf(folder: string): { type: string; step: number }[] {
  const file = join(folder, "events.jsonl");
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n").slice(0, -1);
  return lines.map((line) => JSON.parse(line));
}

test("kill -9 of the engine in training: the next start lists the run, and resuming it loses no step", async () => {
  const place = temporaryFolder();
  const database = join(place, "workspace.duckdb");
  const runs = join(place, "runs");
  const child = spawn(process.execPath, [engine, database, runs], { stdio: ["ignore", "pipe", "inherit"] });
  const [first] = (await once(child.stdout, "data")) as [Buffer];
  const id = first.toString().trim();
  const folder = join(runs, id);
  while (linesOf(folder).filter(({ type }) => type === "progress").length < 5) await delay(20);
  child.kill("SIGKILL");
  await once(child, "exit");

  const store = await openStore(database);
  const [job] = await interruptedJobs(store);
  expect(job).toMatchObject({ state: "failed", question: { kind: "training", spec: { run: id } } });
  expect(job?.error?.code).toBe("job.interrupted");

  const bench = await trainingBench({ steps: 300, every: 1000, pause: 1 }, { store, folder: runs });
  await bench.trainings.begin({ run: id });
  const run = await bench.train(id);
  expect(run).toMatchObject({ state: "finished", step: 300, error: null });
  const lines = linesOf(folder);
  // The old trainer noticed that its engine was gone, saved, and ended before the new one began.
  const types = lines.map(({ type }) => type).filter((type) => ["cancelled", "started", "done"].includes(type));
  expect(types).toEqual(["started", "cancelled", "started", "done"]);
  const steps = lines.filter(({ type }) => type === "progress").map(({ step }) => step);
  expect(steps).toEqual(Array.from({ length: 300 }, (_, index) => index + 1));
  await store.close();
  const reopened = await openStore(database);
  expect(await interruptedJobs(reopened)).toEqual([]);
  await reopened.close();
});
