/**
 * The engine with the real trainer on the demo's tiny base: probe, preview, run, cancel, resume, and both sides killed.
 * Needs a Python with the trainer's packages: $DELTASCOPE_PYTHON, or the trainer's own environment.
 */
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { dataPreview, type RunConfig, type TrainerEvent } from "../../src/contract/domain/training.ts";
import { findEnvironment } from "../../src/engine/training/environment/find.ts";
import { previewData } from "../../src/engine/training/preview.ts";
import { startTrainer } from "../../src/engine/training/process.ts";
import { resolveRecipe } from "../../src/engine/training/recipes/resolve.ts";
import { processIsAlive } from "../../src/engine/workspace/process.ts";
import { temporaryFolder } from "../builders/folders.ts";
import { hasPython, noPython, python } from "../builders/trainer-python.ts";

const patient = { timeout: 300_000 };

async function configOf(more: Record<string, unknown> = {}): Promise<RunConfig> {
  const recipe = { preset: "quick-demo", eval: { every: null, tasks: [] }, save: { every: 10 }, ...more };
  const { config, problems } = await resolveRecipe({ recipe });
  expect(problems).toEqual([]);
  return config as RunConfig;
}

async function train(
  config: RunConfig,
  runFolder: string,
  resume: boolean,
  react?: (event: TrainerEvent) => "cancel" | undefined,
) {
  const trainer = await startTrainer({ python, config, runFolder, resume });
  const events: TrainerEvent[] = [];
  for await (const event of trainer.events) {
    events.push(event);
    if (react?.(event) === "cancel") trainer.cancel(true);
  }
  return { events, exit: await trainer.exit };
}

/** The run of 20 steps that nobody disturbs, made once; what is compared with it draws no dropout. */
const plain = { batch: { effective: 8, device: 4 }, max_steps: 20 };
const wholeFolder = temporaryFolder();
let wholeRun: ReturnType<typeof train> | undefined;
async function whole() {
  wholeRun ??= train(await configOf(plain), wholeFolder, false);
  return await wholeRun;
}

const losses = (events: TrainerEvent[]) =>
  new Map(events.flatMap((event) => (event.type === "progress" ? [[event.step, event.loss] as const] : [])));

describe("with the real trainer", () => {
  test("the probe finds its packages and the processor", patient, async ({ skip }) => {
    skip(!hasPython, noPython);
    const environment = await findEnvironment({ setting: python, refresh: true, folder: temporaryFolder() });
    expect(environment).toMatchObject({ ready: true, python });
    expect(environment.packages.torch).toMatch(/^\d+\.\d+/);
    expect(environment.devices.at(-1)).toMatchObject({ kind: "cpu", bf16: true });
  });

  test("the preview marks the answer and its end, and nothing else", patient, async ({ skip }) => {
    skip(!hasPython, noPython);
    const config = await configOf({ data: { noise: 0.2 } });
    const preview = dataPreview.parse(await previewData(python, config));
    expect(preview).toMatchObject({ rows: 450, training: 427, validation: 23, cutShare: 0 });
    for (const { tokens, flippedFrom } of preview.examples) {
      const trained = tokens.filter((token) => token.trained).map(({ text }) => text);
      const prompt = tokens.filter((token) => !token.trained).map(({ text }) => text);
      expect(prompt.join("").endsWith("### Response:\n")).toBe(true);
      expect(trained[0]).toMatch(/^(Yes|No)$/);
      expect(trained).toHaveLength(2);
      if (flippedFrom !== null) expect(flippedFrom).not.toBe(trained[0]);
    }
    const flipped = preview.labels.reduce((sum, label) => sum + label.flipped, 0);
    expect(flipped).toBe(Math.round(0.2 * 427));
  });

  test("rows that cannot be trained on are named with their lines", patient, async ({ skip }) => {
    skip(!hasPython, noPython);
    const folder = temporaryFolder();
    const file = join(folder, "rows.jsonl");
    writeFileSync(file, '{"instruction":"a","input":"","output":"Yes"}\n{"instruction":"b","input":""}\n');
    const config = await configOf({ data: { files: [{ path: file, format: "alpaca" }], validation: 0 } });
    const told = await previewData(python, config).then(
      ({ checks }) => checks.map(({ message, lines }) => ({ message, lines })),
      (failure: Error) => failure.message,
    );
    expect(JSON.stringify(told)).toMatch(/line 2|\[2\]/);
  });

  test("a cancelled run goes on as if nothing had been", patient, async ({ skip }) => {
    skip(!hasPython, noPython);
    const folder = temporaryFolder();
    const config = await configOf(plain);
    const { events, exit } = await whole();
    expect(exit.state).toBe("finished");
    const first = await train(config, folder, false, (event) =>
      event.type === "progress" && event.step === 7 ? "cancel" : undefined,
    );
    expect(first.exit).toMatchObject({ state: "cancelled", code: 10 });
    const second = await train(config, folder, true);
    expect(second.exit.state).toBe("finished");
    const joined = new Map([...losses(first.events), ...losses(second.events)]);
    expect(joined).toEqual(losses(events));
    expect(outputsOf(second.events)).toEqual(outputsOf(events));
  });

  test("two processes train as one, and stop as one", patient, async ({ skip }) => {
    skip(!hasPython, noPython);
    const folder = temporaryFolder();
    const config = await configOf({ ...plain, device: "cpu:2" });
    const first = await train(config, folder, false, (event) =>
      event.type === "progress" && event.step === 2 ? "cancel" : undefined,
    );
    expect(first.exit).toMatchObject({ state: "cancelled", code: 10 });
    expect(first.events).toContainEqual(expect.objectContaining({ type: "env", processes: 2 }));
    const second = await train(config, folder, true);
    expect(second.exit.state).toBe("finished");
    const alone = losses((await whole()).events);
    for (const [step, loss] of [...losses(first.events), ...losses(second.events)]) {
      expect(loss).toBeCloseTo(alone.get(step) ?? Number.NaN, 4);
    }
    expect(losses(second.events).get(20)).toBeDefined();
  });

  test("a folder in use is refused, and a base that cannot be loaded is said", patient, async ({ skip }) => {
    skip(!hasPython, noPython);
    const config = await configOf(plain);
    expect((await whole()).exit.state).toBe("finished");
    expect((await train(config, wholeFolder, false)).exit).toMatchObject({ error: { code: "trainer.run-exists" } });
    const broken = { ...config, base: { ...config.base, path: wholeFolder } };
    const { exit } = await train(broken, temporaryFolder(), false);
    expect(exit).toMatchObject({
      state: "failed",
      error: { code: expect.stringMatching(/^trainer\.(model|config)$/) },
    });
  });

  test("an engine that is killed takes its trainer along, which leaves a checkpoint", patient, async ({ skip }) => {
    skip(!hasPython, noPython);
    const runFolder = temporaryFolder();
    const config = await configOf({ save: { every: null } });
    const program = fileURLToPath(new URL("./trainer-engine.ts", import.meta.url));
    const engine = spawn(process.execPath, [program, python, runFolder, JSON.stringify(config)]);
    let pid = 0;
    let steps = 0;
    for await (const line of createInterface(engine.stdout)) {
      if (pid === 0) pid = Number(line);
      if (line === "progress") steps += 1;
      if (steps === 5) break;
    }
    engine.kill("SIGKILL");
    await expect.poll(() => lastTypeIn(runFolder), { timeout: 60_000 }).toBe("cancelled");
    await expect.poll(() => isRunning(pid), { timeout: 30_000 }).toBe(false);
    const resumed = await train({ ...config, limits: { ...config.limits, minutes: 0.01 } }, runFolder, true);
    const started = resumed.events.find(({ type }) => type === "started");
    expect(started).toMatchObject({ resumed_from: expect.any(Number) });
    expect((started as { resumed_from: number }).resumed_from).toBeGreaterThanOrEqual(5);
  });
});

function outputsOf(events: TrainerEvent[]) {
  return events.flatMap((event) => (event.type === "done" ? event.outputs : []));
}

function lastTypeIn(runFolder: string): string {
  const lines = readFileSync(join(runFolder, "events.jsonl"), "utf8").trim().split("\n");
  return JSON.parse(lines.at(-1) ?? "{}").type;
}

/** What has ended but was not asked for yet counts as ended. */
function isRunning(pid: number): boolean {
  if (!processIsAlive(pid)) return false;
  if (process.platform !== "linux") return true;
  return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
}
