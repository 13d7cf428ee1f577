/** Runs that go on when the program ends, as the next start finds them. */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { type FakeRun, letGo } from "../../../../test/builders/fake-run.ts";
import { demoFolder, type TrainingBench, trainingBench } from "../../../../test/builders/training-bench.ts";
import type { TrainingRun } from "../../../contract/domain/training.ts";
import { DeltaScopeError } from "../../../contract/errors.ts";
import type { TrainingRecord } from "../../store/trainings.ts";
import { processIsAlive } from "../../workspace/process.ts";
import { readNote } from "../trainer-note.ts";

const adapter = join(demoFolder, "lora-r1");
const keeps = { unattended: async () => true };

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 50_000; !(await holds()); ) {
    if (Date.now() > end) throw new Error("It did not come to that.");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

interface Left {
  id: string;
  folder: string;
  pid: number;
  /** The program starts again: what was under way counts as interrupted, as the store says it. */
  restart(run?: FakeRun): Promise<TrainingBench>;
  /** Its trainer has ended. */
  ended(): Promise<void>;
}

/** A run that is left to itself at its third step. */
async function left(run: FakeRun): Promise<Left> {
  const bench = await trainingBench(run, keeps);
  const { id } = await bench.trainings.begin({ recipe: {} });
  const ending = bench.train(id);
  await until(() => bench.trainings.find(id).step >= 3);
  bench.trainings.leave();
  const { folder, state, unattended } = await ending;
  expect({ state, unattended }).toEqual({ state: "running", unattended: true });
  expect(bench.stored.get(id)?.run.state).toBe("running");
  const { pid = 0 } = (await readNote(folder)) ?? {};
  onTestFinished(() => {
    if (processIsAlive(pid)) process.kill(pid, "SIGKILL");
  });
  const { services, stored } = bench;
  const store = { ...services.store, trainings: async () => [...stored.values()].map(interrupted) };
  const restart = (next = run): Promise<TrainingBench> =>
    trainingBench(next, { ...keeps, store, folder: services.folder, locks: services.locks });
  return { id, folder, pid, restart, ended: () => until(() => !processIsAlive(pid)) };
}

function interrupted(record: TrainingRecord): TrainingRecord {
  if (record.run.state !== "running") return record;
  const error = new DeltaScopeError("job.interrupted", "The program ended.").toDocument();
  return { ...record, run: { ...record.run, state: "failed", error } };
}

const stepsIn = (folder: string): number[] =>
  readFileSync(join(folder, "events.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line))
    .flatMap(({ type, step }) => (type === "progress" ? [step] : []));

async function expectWhole(bench: TrainingBench, run: TrainingRun, steps: number): Promise<void> {
  const each = Array.from({ length: steps }, (_, index) => index + 1);
  expect(run).toMatchObject({ state: "finished", step: steps, error: null });
  expect(stepsIn(run.folder)).toEqual(each);
  const history = await bench.trainings.history(run.id);
  expect(history.progress.map(({ step }) => step)).toEqual(each);
  expect(history.checkpoints.map(({ step }) => step)).toEqual(each.filter((step) => step % 10 === 0));
  expect(history.growth.map(({ step }) => step)).toEqual(each.filter((step) => step % 10 === 0));
  expect(bench.kept).toEqual([`${run.name} ${join(run.folder, "final")}`]);
  expect(await readNote(run.folder)).toBeUndefined();
}

test("it goes on, and the next start follows it as if it had never been away", async () => {
  const { id, folder, pid, restart } = await left({ steps: 60, every: 10, pause: 5, adapter, hold: 35 });
  // No more checkpoints are to come than may wait, however long it takes to measure one.
  await until(() => readFileSync(join(folder, "events.jsonl"), "utf8").includes('"step":34,'));
  const bench = await restart();
  expect(bench.trainings.isLeft(id)).toBe(true);
  expect(bench.trainings.find(id)).toMatchObject({ state: "running", error: null });
  expect(processIsAlive(pid)).toBe(true);
  letGo(folder);
  const run = await bench.train(id);
  expect(bench.trainings.isLeft(id)).toBe(false);
  await expectWhole(bench, run, 60);
});

test("it finished meanwhile: it is shown so at once; its checkpoints are measured when it is taken up", async () => {
  const { id, folder, ended, restart } = await left({ steps: 70, every: 10, pause: 5, adapter, hold: 8 });
  letGo(folder);
  await ended();
  const bench = await restart();
  expect(bench.trainings.find(id)).toMatchObject({ state: "finished", step: 70, finalLoss: 1 / 70, error: null });
  expect(bench.trainings.isLeft(id)).toBe(true);
  await expectWhole(bench, await bench.train(id), 70); // more checkpoints than ever wait while a run is watched
});

test("it was killed meanwhile: so it is said, once, and asking again goes on from its checkpoint", async () => {
  const { id, folder, pid, ended, restart } = await left({ steps: 40, every: 2, pause: 5, hold: 7 });
  await until(() => existsSync(join(folder, "checkpoint-4")));
  process.kill(pid, "SIGKILL");
  await ended();
  const bench = await restart({ steps: 40, every: 2, pause: 1 });
  expect(bench.trainings.find(id)).toMatchObject({ state: "failed", error: { code: "trainer.killed" } });
  expect(await bench.train(id)).toMatchObject({ state: "failed", error: { code: "trainer.killed" } });
  await bench.trainings.begin({ run: id });
  expect(await bench.train(id)).toMatchObject({ state: "finished", step: 40 });
  expect((await bench.trainings.history(id)).progress.map(({ step }) => step)).toEqual(
    Array.from({ length: 40 }, (_, index) => index + 1),
  );
});

test("who asks for a killed one before it was taken in goes on at once", async () => {
  const { id, pid, ended, restart } = await left({ steps: 40, every: 2, pause: 5, hold: 7 });
  process.kill(pid, "SIGKILL");
  await ended();
  const bench = await restart({ steps: 40, every: 2, pause: 1 });
  await bench.trainings.begin({ run: id });
  expect(await bench.train(id)).toMatchObject({ state: "finished", step: 40 });
});

test("the end of the computer asks it to stop: it is paused, with its checkpoint", async () => {
  const { id, pid, ended, restart } = await left({ steps: 100_000, every: 1_000_000, pause: 5 });
  process.kill(pid, "SIGTERM");
  await ended();
  const bench = await restart({ steps: 40, every: 1000, pause: 1 });
  const { state, step, checkpoint } = bench.trainings.find(id);
  expect({ state, checkpoint }).toEqual({ state: "paused", checkpoint: expect.stringMatching(`checkpoint-${step}$`) });
  expect(bench.trainings.isLeft(id)).toBe(false);
});

test.each([true, false])("it is stopped by the next start, with a checkpoint: %s", async (save) => {
  const { id, folder, restart, ended } = await left({ steps: 100_000, every: 1_000_000, pause: 5 });
  const bench = await restart();
  const ending = bench.train(id);
  await until(() => bench.trainings.stop(id, save));
  const run = await ending;
  expect({ state: run.state, saved: run.checkpoint !== null }).toEqual({ state: "paused", saved: save });
  await ended();
  expect(existsSync(join(folder, "trainer.pid.json"))).toBe(false);
});

test("a checkpoint can be asked of one that nobody follows", async () => {
  const { id, folder, restart, ended } = await left({ steps: 100_000, every: 1_000_000, pause: 5 });
  const bench = await restart();
  await bench.trainings.checkpoint(id);
  await until(() => readFileSync(join(folder, "events.jsonl"), "utf8").includes('"checkpoint"'));
  const stop = new AbortController();
  stop.abort();
  await bench.train(id, stop.signal);
  await ended();
});

test("its device stays taken for every process, until it ends", async () => {
  const { id, folder, restart, ended } = await left({ steps: 20, every: 1000, hold: 10 });
  const bench = await restart({ steps: 2, every: 1000 });
  const other = await bench.trainings.begin({ recipe: {} });
  const ends = Promise.all([bench.train(id), bench.train(other.id)]);
  await until(async () => (await bench.trainings.history(other.id)).waitsFor !== null);
  letGo(folder);
  const [run, later] = await ends;
  await ended();
  expect(run.state).toBe("finished");
  expect(later.state).toBe("finished");
  const [first] = readFileSync(join(later.folder, "events.jsonl"), "utf8").split("\n");
  const end = readFileSync(join(run.folder, "events.jsonl"), "utf8").trim().split("\n").at(-1);
  expect(JSON.parse(first ?? "").t).toBeGreaterThanOrEqual(JSON.parse(end ?? "").t);
});

test("memory that ran out while nobody watched: it goes on in smaller parts", async () => {
  const run = { steps: 60, every: 10, hold: 8, fullAt: 40 };
  const { id, folder, ended, restart } = await left(run);
  letGo(folder);
  await ended();
  const bench = await restart();
  expect(bench.trainings.find(id)).toMatchObject({ state: "failed", error: { code: "trainer.out-of-memory" } });
  const done = await bench.train(id);
  expect(done).toMatchObject({ state: "finished", step: 60, config: { batch: { device: 2 } } });
});

test("another run in its folder is refused while it works there", async () => {
  const { folder, restart, id, ended } = await left({ steps: 100_000, every: 1_000_000, pause: 5 });
  const bench = await restart();
  const other = await trainingBench({ steps: 2, every: 10 });
  const { id: second } = await other.trainings.begin({ recipe: {}, out: folder, resume: true });
  expect(await other.train(second)).toMatchObject({ state: "failed", error: { code: "trainer.elsewhere" } });
  const stop = new AbortController();
  stop.abort();
  await bench.train(id, stop.signal);
  await ended();
});

test("the program was killed: its trainer saved and ended, so the run is paused at that step", async () => {
  const bench = await trainingBench({ steps: 100_000, every: 1_000_000, pause: 5 });
  const { id } = await bench.trainings.begin({ recipe: {} });
  const stop = new AbortController();
  const ending = bench.train(id, stop.signal);
  await until(() => bench.trainings.find(id).step >= 3);
  stop.abort();
  const { folder, step, checkpoint } = await ending;
  const { services, stored } = bench;
  const atKill = ({ run, ...record }: TrainingRecord) =>
    interrupted({ ...record, run: { ...run, state: "running", step: 1, checkpoint: null, finishedAt: null } });
  const store = { ...services.store, trainings: async () => [...stored.values()].map(atKill) };
  const restart = () => trainingBench({ steps: 1, every: 1 }, { store, folder: services.folder });
  const after = await restart();
  expect(after.trainings.find(id)).toMatchObject({ state: "paused", error: null, step, checkpoint });
  expect(after.trainings.isLeft(id)).toBe(false);
  // One that was killed too told nothing of its end.
  const lines = readFileSync(join(folder, "events.jsonl"), "utf8").trimEnd().split("\n");
  expect(lines.at(-1)).toContain('"cancelled"');
  writeFileSync(join(folder, "events.jsonl"), `${lines.slice(0, -1).join("\n")}\n`);
  const { trainings } = await restart();
  expect(trainings.find(id)).toMatchObject({ state: "failed", error: { code: "job.interrupted" } });
});

test("a folder that was deleted meanwhile", async () => {
  const { id, folder, pid, ended, restart } = await left({ steps: 100_000, every: 1_000_000, pause: 5 });
  process.kill(pid, "SIGKILL");
  await ended();
  rmSync(folder, { recursive: true });
  const bench = await restart();
  expect(bench.trainings.find(id)).toMatchObject({ state: "failed", error: { code: "job.interrupted" } });
  expect(bench.trainings.isLeft(id)).toBe(false);
});
