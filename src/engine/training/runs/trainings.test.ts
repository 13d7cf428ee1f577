import { existsSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { letGo } from "../../../../test/builders/fake-run.ts";
import { demoFolder, type TrainingBench, trainingBench } from "../../../../test/builders/training-bench.ts";
import { createDeviceLocks } from "./device-lock.ts";
import { bytesOfRun } from "./disk.ts";

const adapter = join(demoFolder, "lora-r1");

async function begun(bench: TrainingBench, recipe: Record<string, unknown> = {}): Promise<string> {
  return (await bench.trainings.begin({ recipe })).id;
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 50_000; !(await holds()); ) {
    if (Date.now() > end) throw new Error("It did not come to that.");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const stepsIn = (folder: string): number[] =>
  readFileSync(join(folder, "events.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
    .flatMap(({ type, step }) => (type === "progress" ? [step] : []));

/** Of a trainer's lines. What is left to measure after them needs no device. */
const timesIn = (folder: string): number[] =>
  readFileSync(join(folder, "events.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line).t);

test("a run to its end: told, stored, measured at its checkpoints, kept in the library", async () => {
  const bench = await trainingBench({ steps: 4, every: 2, adapter });
  const id = await begun(bench);
  expect(bench.trainings.find(id)).toMatchObject({ state: "queued", step: 0 });
  const run = await bench.train(id);
  expect(run).toMatchObject({ state: "finished", step: 4, steps: 4, finalLoss: 0.25, configSha: "sha", error: null });
  expect(run.outputs).toEqual([{ kind: "adapter", path: join(run.folder, "final") }]);
  expect(bench.kept).toEqual([`${run.name} ${join(run.folder, "final")}`]);
  expect(bench.peaks).toEqual([{ batch: 8, sharding: "none", bytes: 1004 }]);
  expect(bench.stored.get(id)?.run).toEqual(run);
  expect(new Set(bench.told.map(({ state }) => state))).toEqual(new Set(["queued", "running", "finished"]));
  const history = await bench.trainings.history(id);
  expect(history.progress.map(({ step, loss, memory }) => [step, loss, memory])).toEqual([
    ...[1, 2, 3, 4].map((step) => [step, 1 / step, 1000 + step]),
  ]);
  expect(history).toMatchObject({ peakMemory: 1004, memoryEstimate: { weights: 1 }, etaSeconds: null });
  expect(history.checkpoints.map(({ step }) => step)).toEqual([2, 4]);
  // The demo's own measurement of this adapter (demo/README.md): 14 intruders, effective rank 1.
  const growth = history.growth.map(({ step, intruders, effectiveRank }) => ({
    step,
    intruders: Object.values(intruders).reduce((sum, count) => sum + count, 0),
    rank: effectiveRank.median,
  }));
  expect(growth.map(({ step, intruders }) => [step, intruders])).toEqual([
    [2, 14],
    [4, 14],
  ]);
  expect(growth[0]?.rank).toBeCloseTo(1, 3);
});

test("the peak of a run on several devices is kept as it stood on them", async () => {
  const bench = await trainingBench({ steps: 1, every: 1 });
  for (const sharding of ["auto", "full"]) await bench.train(await begun(bench, { device: "cpu:2", sharding }));
  expect(bench.peaks.map(({ sharding }) => sharding)).toEqual(["none", "full"]);
});

test("methods that change the base grow from checkpoint to checkpoint too: what is saved fits the base as it was", async () => {
  const bench = await trainingBench({ steps: 4, every: 2, adapter });
  const id = await begun(bench, { method: "pissa" });
  await bench.train(id);
  expect((await bench.trainings.history(id)).growth.map(({ step }) => step)).toEqual([2, 4]);
});

test("paused with a checkpoint, resumed from it: no step is lost, none is made twice", async () => {
  const bench = await trainingBench({ steps: 60, every: 1000, hold: 10 });
  const id = await begun(bench);
  const stop = new AbortController();
  const ended = bench.train(id, stop.signal);
  await until(() => bench.trainings.find(id).step >= 3);
  stop.abort();
  const paused = await ended;
  expect(paused.state).toBe("paused");
  expect(paused.checkpoint).toBe(join(paused.folder, `checkpoint-${paused.step}`));
  letGo(paused.folder);
  await bench.trainings.begin({ run: id });
  const run = await bench.train(id);
  expect(run).toMatchObject({ state: "finished", step: 60 });
  expect(stepsIn(run.folder)).toEqual(Array.from({ length: 60 }, (_, index) => index + 1));
});

test("a run goes on with its own recipe only, here and where another workspace started it", async () => {
  const bench = await trainingBench({ steps: 2, every: 1 });
  const out = join(bench.folder, "out");
  const recipe = { learning_rate: 0.001, epochs: 3, lora: { rank: 4 } };
  const { id } = await bench.trainings.begin({ recipe, out });
  await bench.train(id);
  const resume = (changes: object) =>
    bench.trainings.begin({ recipe: { ...recipe, ...changes }, out, resume: true }).then(
      (run) => run.id,
      ({ code, message, where }) => ({ code, message, where }),
    );
  expect(await resume({ learning_rate: 0.002, epochs: 4, lora: { rank: 8 } })).toEqual({
    code: "trainer.checkpoint",
    message: expect.stringMatching(
      /^[^(]*\((?=.*learning_rate: 0.001, now 0.002)(?=.*epochs: 3, now 4).*lora.rank: 4, now 8/,
    ),
    where: out,
  });
  expect(bench.trainings.find(id).state).toBe("finished");
  // What changes no weight is no other recipe.
  expect(await resume({ name: "Mine", tags: ["a"], log: { every: 5 }, save: { keep: 1 }, batch: { device: 2 } })).toBe(
    id,
  );
  const elsewhere = await trainingBench({ steps: 2, every: 1 });
  await expect(elsewhere.trainings.begin({ recipe, out, resume: true })).resolves.toMatchObject({ folder: out });
});

test("of several starts in one folder the newest is resumed", async () => {
  const bench = await trainingBench({ steps: 1, every: 1 });
  const out = join(bench.folder, "out");
  await bench.trainings.begin({ recipe: { epochs: 3 }, out });
  await new Promise((resolve) => setTimeout(resolve, 5)); // asked at another millisecond
  const { id } = await bench.trainings.begin({ recipe: { epochs: 4 }, out });
  expect((await bench.trainings.begin({ recipe: { epochs: 4 }, out, resume: true })).id).toBe(id);
  // As a store tells them, what was asked for last first.
  const store = { ...bench.services.store, trainings: async () => [...bench.stored.values()].reverse() };
  const next = await trainingBench({ steps: 1, every: 1 }, { store });
  expect((await next.trainings.begin({ recipe: { epochs: 4 }, out, resume: true })).id).toBe(id);
});

test("nothing to resume: no run is started instead", async () => {
  const bench = await trainingBench({ steps: 2, every: 1 });
  for (const out of [join(bench.folder, "typo"), join(demoFolder, "base")]) {
    await expect(bench.trainings.begin({ recipe: {}, out, resume: true })).rejects.toMatchObject({
      code: "training.not-found",
      where: out,
    });
  }
  expect(bench.trainings.runs()).toEqual([]);
});

test.each([true, false])("stopped with a checkpoint: %s", async (checkpoint) => {
  const bench = await trainingBench({ steps: 100_000, every: 1_000_000, pause: 5 });
  const id = await begun(bench);
  const ended = bench.train(id);
  await until(() => bench.trainings.find(id).step >= 2);
  expect(bench.trainings.stop(id, checkpoint)).toBe(true);
  const { checkpoint: saved } = await ended;
  expect(saved !== null && existsSync(saved)).toBe(checkpoint);
  expect(bench.trainings.stop(id, checkpoint)).toBe(false);
});

test("a killed trainer: the error says so, and the run goes on from its last checkpoint", async () => {
  const bench = await trainingBench({ steps: 8, every: 2, dieAt: 5 });
  const id = await begun(bench);
  const failed = await bench.train(id);
  expect(failed).toMatchObject({ state: "failed", step: 5, error: { code: "trainer.killed", retryable: true } });
  await bench.trainings.begin({ run: id });
  const run = await bench.train(id);
  expect(run).toMatchObject({ state: "finished", step: 8, error: null });
  expect(stepsIn(run.folder)).toEqual([1, 2, 3, 4, 5, 5, 6, 7, 8]);
  expect((await bench.trainings.history(id)).progress.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});

test("an error that the trainer reports, with what it wrote for people", async () => {
  const bench = await trainingBench({ steps: 1, every: 1, failure: "data.empty" });
  const id = await begun(bench);
  expect(await bench.train(id)).toMatchObject({ state: "failed", error: { code: "trainer.data" } });
  expect(await bench.trainings.log(id)).toEqual(["Traceback", "Boom"]);
});

test("what does not fit into memory is tried with half the device batch, at most three times", async () => {
  const fits = await trainingBench({ steps: 2, every: 9, largestBatch: 2 });
  const run = await fits.train(await begun(fits, { batch: { effective: 8 } }));
  expect(run).toMatchObject({ state: "finished", config: { batch: { effective: 8, device: 2 } } });
  const never = await trainingBench({ steps: 2, every: 9, largestBatch: 0 });
  const failed = await never.train(await begun(never, { batch: { effective: 8 } }));
  expect(failed).toMatchObject({ state: "failed", error: { code: "trainer.out-of-memory" } });
  const starts = readFileSync(join(failed.folder, "events.jsonl"), "utf8").match(/"type":"hello"/g);
  expect(starts).toHaveLength(4);
  // 6 sequences in halves of what divides them: 3, then 1.
  const odd = await trainingBench({ steps: 2, every: 9, largestBatch: 1 });
  const uneven = await odd.train(await begun(odd, { batch: { effective: 6, device: 6 } }));
  expect(uneven.config.batch).toEqual({ effective: 6, device: 1 });
});

test("memory that runs out after a checkpoint: it goes on from there in smaller parts", async () => {
  const bench = await trainingBench({ steps: 8, every: 3, fullAt: 5 });
  const run = await bench.train(await begun(bench, { batch: { effective: 8 } }));
  expect(run).toMatchObject({
    state: "finished",
    step: 8,
    error: null,
    config: { batch: { effective: 8, device: 2 } },
  });
  // Parts of 8, of 4, and of 2, which fit.
  expect(stepsIn(run.folder)).toEqual([1, 2, 3, 4, 5, 4, 5, 4, 5, 6, 7, 8]);
});

test("runs on one device take turns, runs on two do not", async () => {
  const bench = await trainingBench({ steps: 4, every: 100, hold: 2 }, { devices: async () => ["cuda:0", "cuda:1"] });
  const start = async (devices: [string, string]) => {
    const ids: [string, string] = [await begun(bench, { device: "auto" }), await begun(bench, { device: "auto" })];
    return { ids, ends: Promise.all(ids.map((id, index) => bench.train(id, undefined, devices[index]))) };
  };
  const stands = (id: string) => bench.trainings.find(id).step === 1;
  const goOn = (id: string) => letGo(bench.trainings.find(id).folder);

  const apart = await start(["cuda:0", "cuda:1"]);
  await until(() => apart.ids.every(stands));
  apart.ids.forEach(goOn);
  await apart.ends;

  const together = await start(["cuda:0", "cuda:0"]);
  await until(() => together.ids.some(stands));
  const [first, second] = stands(together.ids[0]) ? together.ids : together.ids.toReversed();
  await until(async () => (await bench.trainings.history(second ?? "")).waitsFor !== null);
  goOn(first ?? "");
  await until(() => stands(second ?? ""));
  goOn(second ?? "");
  await together.ends;
  const [earlier, later] = [first, second].map((id) => timesIn(bench.trainings.find(id ?? "").folder));
  expect(Math.max(...(earlier ?? []))).toBeLessThanOrEqual(Math.min(...(later ?? [])));
});

test("room for checkpoints: 12 bytes for each trained number, one more than are kept, and the export", async () => {
  const { services } = await trainingBench({ steps: 1, every: 1 });
  const config = async (recipe: Record<string, unknown>) => {
    const { config: resolved } = await services.resolve({ recipe });
    return resolved ?? expect.fail();
  };
  const parameters = 919_680; // demo/README.md
  const full = { method: "full", save: { keep: 2 } };
  expect(await bytesOfRun(await config(full))).toBe(3 * 12 * parameters + 2 * parameters);
  // Sums of both sides of the seven projections of a layer, from the demo's sizes (demo/README.md).
  const sides = 4 * (2 * (128 + 128) + 2 * (64 + 128) + 3 * (128 + 384));
  const lora = { method: "lora", lora: { rank: 4 }, optimizer: "sgd", save: { keep: 1 } };
  expect(await bytesOfRun(await config(lora))).toBe(2 * 8 * 4 * sides + 4 * 4 * sides);
});

test("a run that waits says whom for: another run of this program, or another program", async () => {
  const bench = await trainingBench({ steps: 100_000, every: 1_000_000, pause: 5, adapter });
  const [first, second] = [await begun(bench, { name: "First" }), await begun(bench, { name: "Second" })];
  const stop = new AbortController();
  const ends = [bench.train(first, stop.signal)];
  await until(() => bench.trainings.find(first).step > 0);
  ends.push(bench.train(second, stop.signal));
  await until(async () => (await bench.trainings.history(second)).waitsFor !== null);
  const { waitsFor } = await bench.trainings.history(second);
  expect(waitsFor).toEqual({ device: "cpu", run: bench.trainings.find(first).name, process: null });
  expect((await bench.trainings.history(first)).waitsFor).toBeNull();
  stop.abort();
  await Promise.all(ends);

  const elsewhere = createDeviceLocks(join(bench.folder, "locks"));
  const taken = await elsewhere.take(["cpu"], { signal: new AbortController().signal });
  const waits = new AbortController();
  const third = await begun(bench);
  const end = bench.train(third, waits.signal);
  await until(async () => (await bench.trainings.history(third)).waitsFor !== null);
  const found = (await bench.trainings.history(third)).waitsFor;
  expect(found).toEqual({ device: "cpu", run: null, process: { pid: process.pid, host: hostname().slice(0, 255) } });
  waits.abort();
  await end;
  taken.giveBack();
  expect((await bench.trainings.history(third)).waitsFor).toBeNull();
});
