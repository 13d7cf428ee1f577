import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type FakeStep, fakePython, goodRun, hello } from "../../../test/builders/fake-trainer.ts";
import { runConfig, type TrainerEvent } from "../../contract/domain/training.ts";
import { startTrainer } from "./process.ts";
import type { TrainerPatience, TrainerProcess } from "./trainer-process.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "deltascope-trainer-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const config = runConfig.parse({
  run_id: "one",
  base: { path: "/models/base" },
  data: { files: [{ path: "/data/a.jsonl", format: "alpaca" }] },
  device: "cpu",
});
const runFolder = () => join(folder, "run");

interface Options {
  resume?: boolean;
  device?: string;
  environment?: Record<string, string>;
  patience?: Partial<TrainerPatience>;
  signal?: AbortSignal;
}

function start(steps: readonly FakeStep[], options: Options = {}): Promise<TrainerProcess> {
  const { resume = false, device = "cpu", signal, ...more } = options;
  const python = fakePython(folder, steps);
  return startTrainer({ python, config: { ...config, device }, runFolder: runFolder(), resume, ...more }, signal);
}

async function readAll(trainer: TrainerProcess): Promise<TrainerEvent[]> {
  const events: TrainerEvent[] = [];
  for await (const event of trainer.events) events.push(event);
  return events;
}

async function run(steps: readonly FakeStep[], options?: Options) {
  const trainer = await start(steps, options);
  const events = await readAll(trainer);
  return { events, exit: await trainer.exit, log: await trainer.log() };
}

const started = () => JSON.parse(readFileSync(join(runFolder(), "started.json"), "utf8"));
const cancelled: FakeStep[] = [{ line: { type: "cancelled", step: 1, checkpoint: "checkpoint-1" } }, { exit: 10 }];

test("a run that ends well: its lines in order, its words, its environment, its configuration", async () => {
  const { events, exit } = await run(goodRun(3), { resume: true, environment: { EXTRA: "1" } });
  expect(events.map(({ type }) => type)).toEqual(["hello", "started", "progress", "progress", "progress", "done"]);
  expect(exit).toMatchObject({ state: "finished", error: undefined, code: 0, signal: null, last: { type: "done" } });
  const { words, variables } = started();
  const file = join(runFolder(), "config.json");
  expect(words).toEqual(["-u", "-s", "-m", "deltascope_trainer", "run", file, "--out", runFolder(), "--resume"]);
  expect(variables).toMatchObject({
    ...{ PYTHONHASHSEED: "0", PYTHONSAFEPATH: "1", HF_HUB_OFFLINE: "1", CUDA_VISIBLE_DEVICES: "", EXTRA: "1" },
    PYTHONPATH: expect.stringMatching(/trainer$/),
  });
  expect(runConfig.parse(JSON.parse(readFileSync(file, "utf8")))).toEqual(config);
});

test("a chosen card is the only one that the process sees, and its first", async () => {
  await run(goodRun(), { device: "cuda:3" });
  expect(started().variables.CUDA_VISIBLE_DEVICES).toBe("3");
  expect(JSON.parse(readFileSync(join(runFolder(), "config.json"), "utf8")).device).toBe("cuda:0");
});

test.each([
  ["config.batch", 11, "trainer.config"],
  ["run.exists", 11, "trainer.run-exists"],
  ["env.bf16", 12, "trainer.environment"],
  ["data.read", 13, "trainer.data"],
  ["model.tokenizer", 13, "trainer.model"],
  ["oom.device", 14, "trainer.out-of-memory"],
  ["non_finite", 15, "trainer.not-finite"],
  ["disk.full", 16, "trainer.disk"],
  ["checkpoint.mismatch", 17, "trainer.checkpoint"],
  ["internal", 70, "trainer.exited"],
])("the error %s (exit %i) is %s; without its line the exit code alone says it", async (code, status, expected) => {
  const rows = [
    { file: "/data/a.jsonl", line: 7, message: "no output" },
    { file: "/data/a.csv", line: 9, unit: "row", message: "no output" },
    { file: "/data/a.csv", line: 12, unit: "row", message: "no output" },
  ];
  const details = { rows };
  const line = { type: "error", code, message: "It failed.", details, step: null, retryable: false };
  const told = await run([hello, { line }, { exit: status }]);
  expect(told.exit).toMatchObject({ state: "failed", error: { code: expected }, code: status });
  expect(told.exit.error?.message).toBe(
    'It failed. ("/data/a.jsonl", line 7: no output; "/data/a.csv", rows 9, 12: no output)',
  );
  const silent = await run([hello, { stderr: "Traceback\nKeyError: 'x'\n" }, { exit: status }]);
  const alone = status === 11 ? "trainer.config" : expected === "trainer.model" ? "trainer.data" : expected;
  expect(silent.exit.error).toMatchObject({ code: alone, message: expect.stringContaining("KeyError: 'x'") });
});

test("fields in which a checkpoint differs", async () => {
  const fields = [
    { field: "config_sha", message: "the recipe is another one" },
    { field: "processes", message: "1, now 2" },
  ];
  const line = { type: "error", code: "checkpoint.mismatch", message: "checkpoint-5 belongs to another run" };
  const { exit } = await run([
    hello,
    { line: { ...line, details: { fields }, step: null, retryable: false } },
    { exit: 17 },
  ]);
  expect(exit.error?.message).toBe(
    "checkpoint-5 belongs to another run (config_sha: the recipe is another one; processes: 1, now 2)",
  );
});

test("an exit without a last line is a failure, also with code 0", async () => {
  expect((await run([hello, { exit: 0 }])).exit).toMatchObject({ state: "failed", error: { code: "trainer.exited" } });
});

test("a killed trainer is said to be killed", async () => {
  const { exit } = await run([hello, { signal: "SIGKILL" }, { hang: true }]);
  expect(exit).toMatchObject({
    state: "failed",
    signal: "SIGKILL",
    error: { code: "trainer.killed", retryable: true },
  });
});

test("Python that is not there", async () => {
  const missing = startTrainer({ python: join(folder, "none"), config, runFolder: runFolder(), resume: false });
  await expect(missing).rejects.toMatchObject({
    code: "trainer.not-started",
    message: expect.stringContaining("none"),
  });
});

test("garbage on standard output is a warning; the run goes on", async () => {
  const { events, exit } = await run([hello, { raw: "noise" }, { flood: 3, bytes: 100_000 }, ...goodRun().slice(1)]);
  expect(exit.state).toBe("finished");
  expect(events.filter(({ type }) => type === "warning")).toHaveLength(4);
});

test("a trainer that says nothing is given up", async () => {
  const { exit } = await run([{ hang: true }], { patience: { hello: 200 } });
  expect(exit).toMatchObject({ state: "failed", error: { code: "trainer.silent" }, signal: "SIGKILL" });
});

test("a newer protocol is refused and the trainer ended", async () => {
  const { events, exit } = await run([{ line: { ...line(hello), v: 2, protocol: 2 } }, { hang: true }]);
  expect(exit).toMatchObject({ state: "failed", error: { code: "protocol.version" } });
  expect(events).toEqual([]);
});

test("a long silence is said once, and again only after a new line; loading may take longer", async () => {
  const beat = (phase: string): FakeStep => ({ line: { type: "heartbeat", phase } });
  const steps = [hello, beat("train"), { until: "checkpoint" as const }, beat("load"), { wait: 700 }];
  const trainer = await start([...steps, ...goodRun().slice(1)], { patience: { quiet: 300, quietWork: 60_000 } });
  const silences: string[] = [];
  for await (const event of trainer.events) {
    if (event.type !== "warning" || event.code !== "trainer.stalled") continue;
    silences.push(event.message);
    if (!event.message.includes("train")) continue; // Python may take its time to start
    await new Promise((resolve) => setTimeout(resolve, 700));
    trainer.checkpoint();
  }
  expect(silences.filter((message) => !message.includes("import"))).toEqual([expect.stringContaining("train")]);
});

test("cancel is a line first; a trainer that obeys keeps its checkpoint", async () => {
  const trainer = await start([hello, { until: "cancel" }, ...cancelled]);
  trainer.cancel(true);
  const events = await readAll(trainer);
  expect(events.at(-1)).toMatchObject({ type: "cancelled", checkpoint: "checkpoint-1" });
  expect(await trainer.exit).toMatchObject({ state: "cancelled", code: 10, error: undefined });
});

test("an aborted signal is a cancel", async () => {
  const trainer = await start([hello, { until: "cancel" }, ...cancelled], { signal: AbortSignal.abort() });
  await readAll(trainer);
  expect((await trainer.exit).state).toBe("cancelled");
});

test("what does not obey the line gets SIGTERM, and what ignores that SIGKILL", async () => {
  for (const [steps, signal] of [
    [[hello, { hang: true }], "SIGTERM"],
    [[{ ignoreSignals: true }, hello, { hang: true }], "SIGKILL"],
  ] as const) {
    const trainer = await start(steps, { patience: { stop: 200 } });
    const events = trainer.events[Symbol.asyncIterator]();
    await events.next();
    trainer.cancel(true);
    expect(await trainer.exit).toMatchObject({ state: "cancelled", signal, error: undefined });
  }
});

test("a checkpoint can be asked for in between", async () => {
  const trainer = await start([hello, { until: "checkpoint" }, ...goodRun().slice(1)]);
  trainer.checkpoint();
  await readAll(trainer);
  expect((await trainer.exit).state).toBe("finished");
});

test("what the trainer started ends with it", async () => {
  const trainer = await start([{ worker: 60_000 }, ...goodRun()]);
  await readAll(trainer);
  await trainer.exit;
  const worker = Number(readFileSync(join(runFolder(), "worker.json"), "utf8"));
  await expect.poll(() => stillRuns(worker)).toBe(false);
});

test("standard error is kept in a file of bounded size, its last lines at hand", async () => {
  const noisy = Array.from({ length: 12 }, (): FakeStep => ({ stderr: `${"e".repeat(999_999)}\n` }));
  const { log } = await run([hello, ...noisy, { stderr: "10%\r50%\r100%\nlast\n" }, ...goodRun().slice(1)]);
  expect(log.slice(-2)).toEqual(["100%", "last"]);
  expect(log.length).toBeLessThanOrEqual(200);
  expect(existsSync(join(runFolder(), "stderr.1.log"))).toBe(true);
  expect(readFileSync(join(runFolder(), "stderr.log")).length).toBeLessThan(10_000_001);
});

test("a reader that takes its time holds the trainer back and loses nothing", async () => {
  const trainer = await start(goodRun(3000));
  await new Promise((resolve) => setTimeout(resolve, 500));
  const events = await readAll(trainer);
  expect(events.filter(({ type }) => type === "progress")).toHaveLength(3000);
});

/** A process that has ended may stay in the table until its new parent looks; `ps` shows it as Z. */
function stillRuns(pid: number): boolean {
  const state = spawnSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" }).stdout.trim();
  return state !== "" && !state.startsWith("Z");
}

function line(step: FakeStep): Record<string, unknown> {
  return "line" in step ? step.line : {};
}
