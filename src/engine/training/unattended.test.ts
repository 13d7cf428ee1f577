import { mkdirSync, readdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type FakeRun, fakeTrainer, letGo } from "../../../test/builders/fake-run.ts";
import { type FakeStep, fakePython, hello } from "../../../test/builders/fake-trainer.ts";
import { temporaryFolder } from "../../../test/builders/folders.ts";
import { runConfig, type TrainerEvent } from "../../contract/domain/training.ts";
import { processIsAlive, processStart } from "../workspace/process.ts";
import { followTrainer } from "./follow-trainer.ts";
import { appendRequest } from "./requests.ts";
import { forgetTrainer, noteTrainer, readNote, trainerIsAlive, type UnattendedNote } from "./trainer-note.ts";
import type { TrainerPatience, TrainerProcess } from "./trainer-process.ts";
import { startUnattended } from "./unattended.ts";

const data = { files: [{ path: "/data/a.jsonl", format: "alpaca" as const }] };
const config = runConfig.parse({ run_id: "one", base: { path: "/models/base" }, data, device: "cpu" });
const unattended = { run: "one", requests: "requests-0123456789abcdef.jsonl", device: "cpu" };

interface Place {
  runFolder: string;
  start(patience?: Partial<TrainerPatience>, signal?: AbortSignal): Promise<TrainerProcess>;
}

function placeFor(run: FakeRun | readonly FakeStep[]): Place {
  const folder = temporaryFolder();
  const python = "steps" in run ? fakeTrainer(folder, run) : fakePython(folder, run);
  const runFolder = join(folder, "run");
  return {
    runFolder,
    start: (patience = {}, signal?: AbortSignal) =>
      startUnattended({ python, config, runFolder, resume: false, patience }, signal),
  };
}

async function readAll(trainer: TrainerProcess): Promise<TrainerEvent[]> {
  const events: TrainerEvent[] = [];
  for await (const event of trainer.events) events.push(event);
  return events;
}

async function untilStep(trainer: TrainerProcess, step: number): Promise<void> {
  for await (const event of trainer.events) if (event.type === "progress" && event.step >= step) return;
}

async function noteIn(folder: string): Promise<UnattendedNote> {
  const note = await readNote(folder);
  if (!note?.unattended) throw new Error("There is no note of one that may outlive us.");
  return { ...note, unattended: note.unattended };
}

const stepsOf = (events: readonly TrainerEvent[]) =>
  events.flatMap((event) => (event.type === "progress" ? [event.step] : []));

test("a run from its start to its end, by its files alone", async () => {
  const { runFolder, start } = placeFor({ steps: 30, every: 10, pause: 2 });
  const trainer = await start();
  const events = await readAll(trainer);
  expect(stepsOf(events)).toEqual(Array.from({ length: 30 }, (_, index) => index + 1));
  expect(events.filter(({ type }) => type === "warning")).toEqual([]);
  expect(await trainer.exit).toMatchObject({ state: "finished", code: 0, last: { type: "done" } });
  expect(await noteIn(runFolder)).toMatchObject({ pid: trainer.pid, unattended: { run: "one", device: "cpu" } });
});

test("left alone it goes on; whoever follows it next hears the rest, without gap or double", async () => {
  const { runFolder, start } = placeFor({ steps: 200, every: 1000, hold: 50 });
  const first = await start();
  await untilStep(first, 5);
  first.leave();
  expect(await first.exit).toMatchObject({ state: "left", error: undefined });
  const text = readFileSync(join(runFolder, "events.jsonl"), "utf8");
  const bytes = text.lastIndexOf("\n") + 1;
  const before = text.slice(0, bytes).trim().split("\n").length;
  const second = followTrainer({ runFolder, note: await noteIn(runFolder), known: { bytes } });
  letGo(runFolder);
  const events = await readAll(second);
  expect(events.filter(({ type }) => type === "warning")).toEqual([]);
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => before + 1 + index));
  expect(stepsOf(events).at(-1)).toBe(200);
  expect(await second.exit).toMatchObject({ state: "finished", code: null });
});

test("requests come by the file: a checkpoint, then a cancel", async () => {
  const { runFolder, start } = placeFor({ steps: 100_000, every: 1_000_000, pause: 5 });
  const trainer = await start();
  const saved: string[] = [];
  for await (const event of trainer.events) {
    if (event.type === "progress" && event.step === 3) trainer.checkpoint();
    if (event.type !== "checkpoint") continue;
    saved.push(event.path);
    trainer.cancel(true);
  }
  expect(saved).toHaveLength(2);
  expect(await trainer.exit).toMatchObject({ state: "cancelled", last: { type: "cancelled", checkpoint: saved[1] } });
  const note = await noteIn(runFolder);
  await forgetTrainer(runFolder, { ...note, unattended });
  expect(await readNote(runFolder)).toBeDefined(); // of another start
  await forgetTrainer(runFolder, note);
  expect(readdirSync(runFolder).filter((name) => name.startsWith("requests-") || name === "trainer.pid.json")).toEqual(
    [],
  );
});

test("one that was asked to stop is watched to its end", async () => {
  const { start } = placeFor({ steps: 100_000, every: 1_000_000, pause: 5 });
  const stop = new AbortController();
  const trainer = await start({}, stop.signal);
  setTimeout(() => stop.abort(), 200);
  const reading = readAll(trainer);
  await expect.poll(() => stop.signal.aborted).toBe(true);
  trainer.leave();
  await reading;
  expect((await trainer.exit).state).toBe("cancelled");
});

test("what does not obey gets SIGTERM, then SIGKILL; what says nothing at its start is given up", async () => {
  const lines = [{ ignoreSignals: true as const }, { stderr: "deaf" }, hello, { hang: true as const }];
  const deaf = placeFor(lines);
  const trainer = await deaf.start({ stop: 300, hello: 60_000 });
  await expect.poll(() => readFileSync(join(deaf.runFolder, "stderr.log"), "utf8")).toBe("deaf");
  trainer.cancel(true);
  expect(await trainer.exit).toMatchObject({ state: "cancelled", signal: "SIGKILL" });
  const silent = await placeFor([{ hang: true }]).start({ hello: 300 });
  expect(await silent.exit).toMatchObject({ state: "failed", signal: "SIGKILL", error: { code: "trainer.silent" } });
});

test("Python that is not there leaves no note", async () => {
  const runFolder = temporaryFolder();
  const missing = startUnattended({ python: join(runFolder, "none"), config, runFolder, resume: false });
  await expect(missing).rejects.toMatchObject({ code: "trainer.not-started" });
  expect(await readNote(runFolder)).toBeUndefined();
});

test("a process that got its number is not taken for it, and is never ended", async () => {
  const runFolder = temporaryFolder();
  const note = { ...noteTrainer(runFolder, { pid: process.ppid, unattended }), unattended, processStart: "before 1" };
  const trainer = followTrainer({ runFolder, note, known: { bytes: 0 }, patience: { stop: 10 } });
  trainer.cancel(true);
  expect(await readAll(trainer)).toEqual([]);
  await trainer.exit;
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(processIsAlive(process.ppid)).toBe(true);
});

test("one that ended while nobody watched: its last line tells how, else that it was killed", async () => {
  const runFolder = temporaryFolder();
  const note = { ...noteTrainer(runFolder, { pid: 2 ** 22 + 1, unattended }), unattended };
  writeFileSync(join(runFolder, "stderr.log"), "Traceback\nOh no\n");
  const killed = followTrainer({ runFolder, note, known: { bytes: 0 } });
  await readAll(killed);
  const { error } = await killed.exit;
  expect(error).toMatchObject({ code: "trainer.killed", message: expect.stringContaining("Oh no") });
  const last = { v: 1, seq: 9, t: 1, type: "done" as const, step: 4, outputs: [], final_loss: 0.5, seconds: 1 };
  const known = followTrainer({ runFolder, note, known: { bytes: 0, last } });
  await readAll(known);
  expect(await known.exit).toMatchObject({ state: "finished", last });
});

test("whether it lives: its process and start here, its heartbeat on another machine", async () => {
  const folder = temporaryFolder();
  const start = processStart(process.pid);
  const here = noteTrainer(folder, { pid: process.pid, unattended });
  expect(here).toMatchObject({ host: hostname(), processStart: start });
  expect(await trainerIsAlive(folder, here)).toBe(true);
  expect(await trainerIsAlive(folder, { ...here, processStart: "before 1" })).toBe(start === undefined);
  expect(await trainerIsAlive(folder, { ...here, pid: 2 ** 22 + 1 })).toBe(false);
  const elsewhere = { ...here, host: "another", pid: 2 ** 22 + 1 };
  expect(await trainerIsAlive(folder, elsewhere)).toBe(true);
  const long = new Date(Date.now() - 3_600_000);
  utimesSync(join(folder, "trainer.pid.json"), long, long);
  expect(await trainerIsAlive(folder, elsewhere)).toBe(false);
  writeFileSync(join(folder, "events.jsonl"), "");
  expect(await trainerIsAlive(folder, elsewhere)).toBe(true);
});

test.each([
  ["no JSON", "{"],
  ["a path in the place of a name", JSON.stringify({ pid: 1, unattended: { ...unattended, requests: "../x.jsonl" } })],
  ["no process", JSON.stringify({ pid: -1, unattended })],
])("a note of others with %s is none", async (_, text) => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "trainer.pid.json"), text);
  expect(await readNote(folder)).toBeUndefined();
});

test("a request is not written through a link", () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "run"));
  writeFileSync(join(folder, "precious"), "");
  const file = join(folder, "run", unattended.requests);
  symlinkSync(join(folder, "precious"), file);
  expect(() => appendRequest(file, { type: "checkpoint" })).toThrow(
    expect.objectContaining({ code: "output.unwritable" }),
  );
  expect(readFileSync(join(folder, "precious"), "utf8")).toBe("");
});
