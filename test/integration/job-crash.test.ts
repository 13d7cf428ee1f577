import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { AnalysisSpec } from "../../src/contract/domain/analysis.ts";
import { openEngine } from "../../src/engine/engine.ts";
import { cpuMilliseconds } from "../builders/cpu-time.ts";
import { temporaryFolder } from "../builders/folders.ts";
import { jobEnd } from "../contract/harness.ts";
import { slowSpec } from "../contract/slow-pair.ts";

const program = fileURLToPath(new URL("./job-crash-engine.ts", import.meta.url));

/** An engine that is killed in the middle of its analysis. */
async function analyzeAndKill(workspace: string, spec: AnalysisSpec): Promise<void> {
  const child = spawn(process.execPath, [program, workspace, JSON.stringify(spec)], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  expect(await once(child, "close")).toEqual([null, "SIGKILL"]);
}

test("a killed engine's job is there at the next start, keeps what was finished, and is taken up", async () => {
  const workspace = temporaryFolder("job-crash");
  const spec = slowSpec();
  await analyzeAndKill(workspace, spec);

  const { client, close } = openEngine({ workspace });
  const [job] = await client.jobs.list();
  expect(job).toMatchObject({ state: "failed", error: { code: "job.interrupted" }, title: "tuned against base" });
  expect(job?.question).toMatchObject({ kind: "analysis", spec });
  const [kept = 0, total] = (job?.note?.match(/\d+/g) ?? []).map(Number);
  expect(total).toBe(43);
  const [run] = await client.runs.all();
  expect(run).toMatchObject({ state: "partial", modules: kept, total: 43 });
  const before = await client.runs.rows({ runs: [run?.id ?? ""] });
  expect(before).toHaveLength(kept);
  expect(kept).toBeGreaterThan(0);
  expect(kept).toBeLessThan(43);

  const { id } = await client.jobs.resume({ job: job?.id ?? "" });
  expect((await jobEnd(client, id)).state).toBe("finished");
  const after = await client.runs.rows({ runs: [run?.id ?? ""] });
  expect(after).toHaveLength(43);
  for (const row of before) expect(after).toContainEqual(row);
  await close();

  const again = openEngine({ workspace });
  expect(await again.client.jobs.list()).toEqual([]);
  await again.close();
});

test("closing the engine cancels what runs and keeps it", async () => {
  const workspace = temporaryFolder("job-close");
  const first = openEngine({ workspace });
  const stop = new AbortController();
  await first.client.jobs.start({ kind: "analysis", spec: slowSpec() });
  for await (const event of await first.client.events(undefined, { signal: stop.signal })) {
    if (event.type === "modules") break;
  }
  const started = cpuMilliseconds();
  await first.close();
  expect(cpuMilliseconds() - started).toBeLessThan(3000);
  const second = openEngine({ workspace });
  const [run] = await second.client.runs.all();
  expect(run?.state).toBe("partial");
  expect(run?.modules).toBeGreaterThan(0);
  await second.close();
});
