import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { letGo } from "../../../../test/builders/fake-run.ts";
import { temporaryFolder } from "../../../../test/builders/folders.ts";
import { configNamed, demoFolder, trainingBench } from "../../../../test/builders/training-bench.ts";
import { sweepSpec } from "../../../contract/domain/training.ts";
import { DeltaScopeError } from "../../../contract/errors.ts";
import type { SweepRecord } from "../../store/trainings.ts";
import { trainerFolder } from "../process-variables.ts";
import { canonical, configSha } from "./config-sha.ts";
import { expandSweep } from "./expand.ts";
import type { SweepStep } from "./run-sweep.ts";
import { createSweeps, type SweepServices } from "./sweeps.ts";

const variants = [{ method: "full" }, { method: "lora", lora: { rank: 1 } }];
const spec = (changes: object = {}) =>
  sweepSpec.parse({ name: "Ranks", recipe: {}, axes: { variants, seed: [1, 2] }, ...changes });

interface Bench {
  sweeps: Awaited<ReturnType<typeof createSweeps>>;
  services: SweepServices;
  run(id: string, signal?: AbortSignal): Promise<SweepStep[]>;
  out: string;
  /** Labels and paths that were taken into the library. */
  library: string[];
}

async function bench(
  run: Parameters<typeof trainingBench>[0],
  changes: Partial<SweepServices> = {},
  devices = ["cpu"],
): Promise<Bench> {
  const trained = await trainingBench(run, { devices: async () => devices });
  const stored = new Map<string, SweepRecord>();
  const services: SweepServices = {
    ...trained.services,
    trainings: trained.trainings,
    store: {
      putSweep: async (record) => void stored.set(record.id, record),
      sweeps: async () => [...stored.values()],
    },
    readTasks: async () => undefined,
    score: async (_, files) => files.map((_file, index) => 0.5 + index / 10),
    analyse: async () => ({ intruders: { q_proj: 2, k_proj: 1 }, effectiveRank: { median: 4, low: 1, high: 9 } }),
    ...changes,
  };
  const sweeps = await createSweeps(services);
  return {
    sweeps,
    services,
    library: trained.kept,
    out: join(temporaryFolder(), "sweep"),
    async run(id, signal = new AbortController().signal) {
      const steps: SweepStep[] = [];
      for await (const step of sweeps.execute(id, signal)) steps.push(step);
      return steps;
    },
  };
}

const failuresIn = (steps: readonly SweepStep[]) => steps.filter((step) => step.type === "failed");

test("identity is written as the trainer writes it", () => {
  const sample = JSON.parse(readFileSync(join(trainerFolder, "samples/canonical.json"), "utf8"));
  expect(createHash("sha256").update(canonical(sample.values)).digest("hex")).toBe(sample.sha256);
  const config = configNamed("a");
  expect(configSha({ ...config, run_id: "b", name: "c", tags: ["d"], save: { ...config.save, keep: 9 } })).toBe(
    configSha(config),
  );
  expect(configSha({ ...config, sharding: "full" })).toBe(configSha(config));
  expect(configSha({ ...config, seed: 2 })).not.toBe(configSha(config));
});

test("the first seed of everything comes first; rates by variant, exclusions by any field", async () => {
  const { services } = await bench({ steps: 1, every: 1 });
  const sweep = spec({
    axes: { variants, seed: [3, 1], noise: [0, 0.2] },
    rates: { full: 0.5, "lora-r1": 0.25 },
    exclude: [
      { variant: "full", noise: 0.2 },
      { rank: 1, seed: 1, noise: 0 },
    ],
  });
  const cells = await expandSweep({ sweep }, services);
  expect(cells.map(({ variant, seed, noise, learningRate }) => [variant, seed, noise, learningRate])).toEqual([
    ["full", 3, 0, 0.5],
    ["lora-r1", 3, 0, 0.25],
    ["lora-r1", 3, 0.2, 0.25],
    ["full", 1, 0, 0.5],
    ["lora-r1", 1, 0.2, 0.25],
  ]);
  expect(new Set(cells.map(({ sha }) => sha)).size).toBe(5);
  // Which rows are flipped or chosen does not depend on the seed of the run.
  expect(new Set(cells.map(({ config }) => config.data.noise_seed))).toEqual(new Set([0]));
  const twins = spec({ axes: { variants: [{ lora: { alpha: 8 } }, { lora: { alpha: 16 } }] } });
  const labels = (await expandSweep({ sweep: twins }, services)).map(({ variant }) => variant);
  expect(labels).toEqual(["lora-r16-α8", "lora-r16-α16"]);
});

const rates = { learning_rate: [4e-4, 4e-2] };
const data = { files: [{ path: "/data.jsonl", format: "alpaca" }] };
test.each<[string, object, RegExp | undefined]>([
  ["several rates and nothing held out", { axes: rates }, /best rate of lora-r16: set eval\.every\.$/],
  ["rates on no rows", { recipe: { data: { ...data, validation: 0 } }, axes: rates }, /set eval\.every and data\.val/],
  ["rates that can be told apart", { recipe: { eval: { every: 1 } }, axes: rates }, undefined],
  ["noise without labels", { axes: { noise: [0, 0.2] } }, /^lora-r16 · noise 0\.2 · seed 1: data\.labels: Label noise/],
  ["noise with labels", { recipe: { data: { ...data, labels: ["a", "b"] } }, axes: { noise: [0, 0.2] } }, undefined],
  ["a seed that no recipe may hold", { axes: { seed: [0, -1] } }, /^axes\.seed: -1 is no seed; it is 0 or more\.$/],
  ["a field of a rule", { exclude: [{ sede: 2 }] }, /^exclude\.0: "sede" is not known here\. Did you mean seed\?$/],
  [
    "a variant of a rule",
    { exclude: [{ variant: "lora-r2" }] },
    /^exclude\.0\.variant: "lora-r2".*Did you mean lora-r1\?$/,
  ],
  ["a variant of a rate", { rates: { "lora-r9": 1 } }, /^rates: "lora-r9" is not known here\. Did you mean lora-r1\?$/],
  [
    "rates that an axis overrides",
    { ...{ rates: { full: 0.1 }, recipe: { eval: { every: 1 } } }, axes: { ...rates, variants } },
    /^rates: They would not be used, since axes\.learning_rate holds for every variant: leave one of them out\.$/,
  ],
  ["a method of a rate", { rates: { lora: 1, full: 0.1 }, exclude: [{ method: "full" }] }, undefined],
])("refused before anything starts: %s", async (_, changes, message) => {
  const { sweeps, out } = await bench({ steps: 1, every: 1 });
  const question = { sweep: spec(changes), out };
  for (const ask of [sweeps.plan, sweeps.printJobs, sweeps.begin]) {
    if (message === undefined) await ask(question);
    else
      await expect(ask(question)).rejects.toMatchObject({
        code: "recipe.invalid",
        message: expect.stringMatching(message),
      });
  }
  expect(existsSync(out)).toBe(message === undefined);
});

test("a sweep to its end, its table, and nothing left to do", async () => {
  const { sweeps, run, out } = await bench({ steps: 2, every: 5, adapter: join(demoFolder, "lora-r1") });
  const tasks = [{ file: "new.jsonl" }, { file: "old.jsonl", role: "retain" }];
  const id = await sweeps.begin({ sweep: spec({ tasks }), folder: "/tasks", out });
  expect(failuresIn(await run(id))).toEqual([]);
  await sweeps.ended(id, "finished");
  const document = await sweeps.document(id);
  expect(document.state).toBe("finished");
  expect(document.cells.map(({ variant, seed, run: trained }) => [variant, seed, trained?.state])).toEqual([
    ["full", 1, "finished"],
    ["lora-r1", 1, "finished"],
    ["full", 2, "finished"],
    ["lora-r1", 2, "finished"],
  ]);
  expect(document.cells[0]).toMatchObject({ accuracy: 0.5, oldTasks: 0.6, intruders: 3, effectiveRank: 4 });
  expect(document.outcome.map(({ axis }) => axis)).toEqual(["rank", "rank", "rank", "rank"]);
  const table = readFileSync(join(out, "results.csv"), "utf8").trim().split("\n");
  expect(table).toHaveLength(5);
  expect(table[1]?.split(",").slice(1, 3)).toEqual(["full", "1"]);
  expect(await run(id)).toEqual([]);
  expect(await sweeps.list()).toMatchObject([{ id, name: "Ranks", cells: 4, finished: 4 }]);
});

test("tasks of one name in two folders keep a score each", async () => {
  const { sweeps, run, out } = await bench({ steps: 1, every: 1, adapter: join(demoFolder, "lora-r1") });
  const tasks = [{ file: "a/qa.jsonl" }, { file: "b/qa.jsonl", role: "retain" }];
  const id = await sweeps.begin({ sweep: spec({ tasks }), folder: "/tasks", out });
  expect(failuresIn(await run(id))).toEqual([]);
  const folder = (await sweeps.document(id)).cells[0]?.run?.folder ?? "";
  const { tasks: scores } = JSON.parse(readFileSync(join(folder, "cell.json"), "utf8"));
  expect(scores).toEqual({ "qa.jsonl": 0.5, "qa.jsonl-2": 0.6 });
});

test("stopped in the middle, it goes on with what its folder does not hold", async () => {
  const { sweeps, services, run, out } = await bench({ steps: 20, every: 100, pause: 5 });
  const id = await sweeps.begin({ sweep: spec(), out });
  const stop = new AbortController();
  const first = (async () => {
    for await (const step of sweeps.execute(id, stop.signal)) if (step.type === "measured") stop.abort();
  })();
  await expect(first).rejects.toMatchObject({ code: "job.cancelled" });
  await sweeps.ended(id, "paused");
  // Another program reads the same folder.
  const again = await createSweeps(services);
  expect(await again.list()).toMatchObject([{ state: "paused", finished: 1 }]);
  const measured = (await run(id)).filter(({ type }) => type === "measured");
  expect(measured).toHaveLength(3);
});

test("the program ends and its runs outlive it: the run goes on, and the sweep with the next start", async () => {
  const trained = await trainingBench({ steps: 60, every: 100, hold: 30 }, { unattended: async () => true });
  const records = new Map<string, SweepRecord>();
  const servicesOf = (one: typeof trained): SweepServices => ({
    ...{
      ...one.services,
      trainings: one.trainings,
      readTasks: async () => undefined,
      score: async () => [],
      analyse: async () => nothing,
    },
    store: {
      putSweep: async (record) => void records.set(record.id, record),
      // As the store tells what was under way when a process died.
      sweeps: async () => [...records.values()].map((record) => ({ ...record, state: "paused", interrupted: true })),
    },
  });
  const nothing = { intruders: {}, effectiveRank: { median: 1, low: 1, high: 1 } };
  const before = await createSweeps(servicesOf(trained));
  const id = await before.begin({
    sweep: spec({ axes: { variants, seed: [1] } }),
    out: join(temporaryFolder(), "sweep"),
  });
  const stop = new AbortController();
  await expect(
    (async () => {
      for await (const step of before.execute(id, stop.signal)) {
        if (step.type !== "progress" || step.progress.done < 0.1) continue;
        trained.trainings.leave();
        before.leave();
        stop.abort();
      }
    })(),
  ).rejects.toMatchObject({ code: "job.cancelled" });
  await before.ended(id, "paused");
  expect(records.get(id)?.state).toBe("running");
  const left = trained.trainings.runs();
  expect(left).toMatchObject([{ state: "running", sweep: id }]);

  const interruption = new DeltaScopeError("job.interrupted", "The program ended.").toDocument();
  const stored = [...trained.stored.values()].map((record) => ({
    ...record,
    run: { ...record.run, state: "failed" as const, error: interruption },
  }));
  const store = { ...trained.services.store, trainings: async () => stored };
  const { python: _, ...services } = trained.services;
  const again = await trainingBench({ steps: 60, every: 100 }, { ...services, store });
  const after = await createSweeps(servicesOf(again));
  expect(after.isLeft(id)).toBe(true);
  letGo(left[0]?.folder ?? "");
  for await (const _ of after.execute(id, new AbortController().signal));
  const { cells } = await after.document(id);
  expect(cells.map(({ run }) => run?.state)).toEqual(["finished", "finished"]);
  const lines = readFileSync(join(left[0]?.folder ?? "", "events.jsonl"), "utf8")
    .trim()
    .split("\n");
  const steps = lines.map((line) => JSON.parse(line)).filter(({ type }) => type === "progress");
  expect(steps.map(({ step }) => step)).toEqual(Array.from({ length: 60 }, (_, index) => index + 1));
});

test("a run that fails stands beside the others; three alike in a row pause the sweep", async () => {
  let scored = 0;
  const tasks = [{ file: "/new.jsonl" }];
  const once = async () => {
    scored += 1;
    if (scored === 2) throw new DeltaScopeError("task.invalid", "One line is bad.");
    return [0.5];
  };
  const isolated = await bench({ steps: 1, every: 5 }, { score: once });
  const steps = await isolated.run(await isolated.sweeps.begin({ sweep: spec({ tasks }), out: isolated.out }));
  expect(failuresIn(steps)).toMatchObject([{ label: "lora-r1 · seed 1", error: { code: "task.invalid" } }]);
  expect(steps.filter(({ type }) => type === "measured")).toHaveLength(3);
  const broken = await bench({ steps: 1, every: 5, failure: "data.empty" });
  const id = await broken.sweeps.begin({ sweep: spec(), out: broken.out });
  await expect(broken.run(id)).rejects.toMatchObject({ code: "trainer.data" });
  const states = (await broken.sweeps.document(id)).cells.map(({ run }) => run?.state);
  expect(states).toEqual(["failed", "failed", "failed", undefined]);
});

test("files of items are read before anything is written or trained, and again before a sweep goes on", async () => {
  const lost = new Set(["/tasks/new.jsonl"]);
  const readTasks = async (files: readonly string[]) => {
    const file = files.find((one) => lost.has(one));
    if (file !== undefined) throw new DeltaScopeError("source.not-found", `${file} does not exist.`);
  };
  const { sweeps, services, run, out } = await bench({ steps: 1, every: 5 }, { readTasks });
  const question = { sweep: spec({ tasks: [{ file: "new.jsonl" }] }), folder: "/tasks", out };
  const ofRecipe = { sweep: spec({ recipe: { eval: { tasks: ["/tasks/new.jsonl"] } } }), out };
  for (const one of [question, ofRecipe]) {
    for (const ask of [sweeps.printJobs, sweeps.begin]) {
      await expect(ask(one)).rejects.toMatchObject({ code: "source.not-found" });
    }
  }
  expect(existsSync(out)).toBe(false);
  lost.clear();
  const id = await sweeps.begin(question);
  lost.add("/tasks/new.jsonl");
  await expect(run(id)).rejects.toMatchObject({ code: "source.not-found" });
  expect(services.trainings.runs()).toEqual([]);
  lost.clear();
  await run(id);
  lost.add("/tasks/new.jsonl");
  expect(await run(id)).toEqual([]); // all is measured: nothing more is read
});

test("a folder of another sweep is not taken; the same one with more seeds goes on in it", async () => {
  const { sweeps, run, out } = await bench({ steps: 1, every: 5 });
  const id = await sweeps.begin({ sweep: spec(), out });
  await run(id);
  const before = readFileSync(join(out, "sweep.json"), "utf8");
  const others = [{ name: "Others" }, { tasks: [{ file: "/other.jsonl" }] }, { recipe: { epochs: 7 } }];
  for (const other of others) {
    for (const ask of [sweeps.printJobs, sweeps.begin]) {
      await expect(ask({ sweep: spec(other), out })).rejects.toMatchObject({
        code: "output.in-use",
        message: expect.stringMatching(/is in use by the sweep "Ranks"/),
      });
    }
  }
  expect(readFileSync(join(out, "sweep.json"), "utf8")).toBe(before);
  const more = spec({ axes: { variants, seed: [1, 2, 3] } });
  expect(await sweeps.begin({ sweep: more, out })).toBe(id);
  expect((await run(id)).filter(({ type }) => type === "measured")).toHaveLength(2);
});

test("two devices share the runs", async () => {
  const { sweeps, run, services, out } = await bench({ steps: 5, every: 50, pause: 20 }, {}, [
    "cuda:0",
    "cuda:1",
    "cpu",
  ]);
  await run(await sweeps.begin({ sweep: spec({ recipe: { device: "auto" } }), out }));
  const runs = services.trainings.runs();
  const devices = runs.map(({ folder }) => JSON.parse(readFileSync(join(folder, "config.json"), "utf8")).device);
  expect(devices).toEqual(Array(4).fill("cuda:0")); // each process sees one card only, which is its first
  const times = runs.map(({ startedAt, finishedAt }) => [startedAt ?? "", finishedAt ?? ""] as const);
  const overlapping = times.filter(([start], index) =>
    times.some(([from, to], other) => other !== index && from <= start && start < to),
  );
  expect(overlapping.length).toBeGreaterThan(0);
});

test.each([
  ["all", [true, true, true]],
  ["best", [false, true, false]],
  ["spectra", [false, false, false]],
] as const)("weights that are kept: %s", async (keep, kept) => {
  const { sweeps, run, out, library } = await bench({ steps: 1, every: 5 });
  // The stand-in's held-out loss is its learning rate.
  const axes = { variants: [{ method: "full", eval: { every: 1 } }], learning_rate: [0.3, 0.1, 0.2] };
  const id = await sweeps.begin({ sweep: spec({ axes, keep }), out });
  await run(id);
  const { cells, bestRates } = await sweeps.document(id);
  expect(bestRates).toEqual([{ variant: "full", learningRate: 0.1, validationLoss: 0.1 }]);
  const weights = cells.map((cell) => join(cell.run?.folder ?? "", "final"));
  expect(weights.map(existsSync)).toEqual(kept);
  expect(library.map((entry) => entry.split(" ").at(-1)).toSorted()).toEqual(
    weights.filter((_, index) => kept[index]).toSorted(),
  );
  expect(await run(id)).toEqual([]);
});

test("room of a sweep: everything it keeps beside its largest run", async () => {
  const { sweeps } = await bench({ steps: 1, every: 5 });
  const axes = {
    variants: [{ method: "full", save: { keep: 1 }, eval: { every: 1 } }],
    learning_rate: [0.3, 0.1, 0.2],
  };
  const needed = async (keep: "all" | "best" | "spectra") =>
    (await sweeps.plan({ sweep: spec({ axes, keep }) })).disk.neededBytes;
  const parameters = 919_680; // demo/README.md
  const [training, left] = [2 * 12 * parameters + 2 * parameters, 12 * parameters + 2 * parameters];
  expect(await needed("spectra")).toBe(training);
  expect(await needed("best")).toBe(left + training);
  expect(await needed("all")).toBe(3 * left + training);
});

test("a folder that cannot be made is told with its reason", async () => {
  const { sweeps, out } = await bench({ steps: 1, every: 5 });
  writeFileSync(out, "a file is in the way");
  for (const ask of [sweeps.printJobs, sweeps.begin]) {
    await expect(ask({ sweep: spec(), out: join(out, "below") })).rejects.toMatchObject({
      code: "output.unwritable",
      message: expect.stringContaining("a part of its path is not a folder"),
    });
  }
});

test("jobs for a cluster: one command each, which needs this program no more", async () => {
  const { sweeps, run, out, services } = await bench({ steps: 1, every: 5 });
  const question = { sweep: spec(), out: `${out} it's` };
  const commands = await sweeps.printJobs(question);
  expect(commands).toHaveLength(4);
  const { execFileSync } = await import("node:child_process");
  execFileSync("sh", ["-c", commands[2] ?? ""], { env: {}, stdio: "ignore" });
  expect(await sweeps.printJobs(question)).toEqual(commands.filter((_, index) => index !== 2));
  // What the cluster trained is measured here.
  const id = await sweeps.begin(question);
  await run(id);
  expect(services.trainings.runs()).toHaveLength(4);
  expect((await sweeps.list())[0]).toMatchObject({ finished: 4 });
});

/** Runs of printed commands, as a shell does. */
async function byHand(commands: readonly string[]): Promise<void> {
  const { spawnSync } = await import("node:child_process");
  for (const command of commands) spawnSync("sh", ["-c", command], { env: {}, stdio: "ignore" });
}

/** As if the folder had been written so many seconds earlier. */
function age(folder: string, seconds: number): void {
  const file = join(folder, "events.jsonl");
  const lines = readFileSync(file, "utf8").trim().split("\n");
  const earlier = lines.map((line) => JSON.parse(line)).map((event) => ({ ...event, t: event.t - seconds }));
  writeFileSync(file, earlier.map((event) => `${JSON.stringify(event)}\n`).join(""));
}

test("runs of printed commands stand in table and list with state, loss and best rate", async () => {
  const { sweeps, services, run, out } = await bench({ steps: 4, every: 2 });
  const axes = { variants: [{ method: "full", eval: { every: 1 } }], learning_rate: [0.3, 0.1] };
  const question = { sweep: spec({ axes }), out };
  await byHand(await sweeps.printJobs(question));
  const id = await sweeps.begin(question);
  // Before anything is measured, and without a word of this program in their folders.
  const before = await sweeps.document(id);
  expect(before.cells.map((cell) => [cell.run?.state, cell.run?.step, cell.run?.finalLoss, cell.accuracy])).toEqual([
    ["finished", 4, 0.25, null],
    ["finished", 4, 0.25, null],
  ]);
  expect(services.trainings.find(before.cells[0]?.run?.id ?? "").outputs).toMatchObject([{ kind: "adapter" }]);
  await run(id);
  await sweeps.ended(id, "finished");
  const table = readFileSync(join(out, "results.csv"), "utf8").trim().split("\n");
  expect(table.map((row) => row.split(",").slice(5, 10))).toEqual([
    ["learning_rate", "state", "step", "final_loss", "validation_loss"],
    ["0.3", "finished", "4", "0.25", "0.3"],
    ["0.1", "finished", "4", "0.25", "0.1"],
  ]);
  expect((await sweeps.document(id)).bestRates).toMatchObject([{ learningRate: 0.1 }]);
});

test("half-finished runs of printed commands: told as such, left alone while they go on, gone on with afterwards", async () => {
  const { sweeps, services, run, out } = await bench({ steps: 6, every: 2, dieAt: 5 });
  const question = { sweep: spec({ axes: { variants: variants.slice(0, 1), seed: [1] } }), out };
  await byHand(await sweeps.printJobs(question));
  const id = await sweeps.begin(question);
  const [cell] = (await sweeps.document(id)).cells;
  // Its last line is fresh, so it may go on at another machine.
  expect(cell?.run).toMatchObject({ state: "running", step: 5, steps: 6 });
  expect(failuresIn(await run(id))).toMatchObject([
    { error: { code: "trainer.elsewhere", message: expect.stringContaining("at step 5 of 6") } },
  ]);
  age(cell?.run?.folder ?? "", 90);
  expect((await sweeps.document(id)).cells[0]?.run).toMatchObject({ state: "paused", step: 5 });
  expect(failuresIn(await run(id))).toEqual([]);
  const events = readFileSync(join(cell?.run?.folder ?? "", "events.jsonl"), "utf8");
  expect(events).toContain('"resumed_from":4');
  expect(services.trainings.find(cell?.run?.id ?? "")).toMatchObject({ state: "finished", step: 6 });
});

test("a failure of a printed command is told with its reason", async () => {
  const { sweeps, out } = await bench({ steps: 1, every: 1, failure: "data.labels" });
  const question = { sweep: spec({ axes: { seed: [1] } }), out };
  await byHand(await sweeps.printJobs(question));
  const { cells } = await sweeps.document(await sweeps.begin(question));
  expect(cells[0]?.run).toMatchObject({ state: "failed", error: { code: "trainer.data", message: "It failed." } });
});
