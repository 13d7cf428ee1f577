/**
 * Pipes and devices under the names of files. Opening a pipe waits until somebody writes into it: four of them would
 * hold all threads that a process of Node has for files, and with them every later question.
 */
import { execFileSync } from "node:child_process";
import {
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { open } from "../../src/engine/checkpoint/open.ts";
import { copyFiles } from "../../src/engine/edit/side-files.ts";
import { knownTasks } from "../../src/engine/evaluation/tasks/known-tasks.ts";
import { readTask } from "../../src/engine/evaluation/tasks/read-task.ts";
import { writeFileAtomically } from "../../src/engine/report/write-file.ts";
import { readRegular } from "../../src/engine/source/regular-file.ts";
import { logLines } from "../../src/engine/training/log-lines.ts";
import { isRunFolder } from "../../src/engine/training/recipes/check-files.ts";
import { resolveRecipe } from "../../src/engine/training/recipes/resolve.ts";
import { appendRequest } from "../../src/engine/training/requests.ts";
import { openStderrLog } from "../../src/engine/training/stderr-log.ts";
import { readSweepFile } from "../../src/engine/training/sweeps/folder.ts";
import { readSweep } from "../../src/engine/training/sweeps/read-sweep.ts";
import { openTail } from "../../src/engine/training/tail.ts";
import { readNote } from "../../src/engine/training/trainer-note.ts";
import { temporaryFolder } from "../builders/folders.ts";

let folder: string;
let pipes: string[];
beforeEach(() => {
  folder = temporaryFolder();
  pipes = [];
});
/** Lets go whoever waits after all, so that a failure is told instead of holding this process. */
afterEach(() => {
  for (const pipe of pipes) closeSync(openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK));
});

function pipe(...names: string[]): string {
  const path = join(folder, ...names);
  mkdirSync(dirname(path), { recursive: true });
  execFileSync("mkfifo", [path]);
  pipes.push(path);
  return path;
}

/** What `work` comes to: its result, the code of its error, or "waits" where that takes longer than any busy machine. */
async function outcomeOf(work: Promise<unknown>): Promise<unknown> {
  const ended = work.catch((thrown) => thrown.code);
  return Promise.race([ended, setTimeout(20_000, "waits", { ref: false })]);
}

describe.skipIf(process.platform === "win32")("a pipe is refused at once", () => {
  test.each(["items.jsonl", "validation.parquet", "rows.csv"])("as a task's %s", async (name) => {
    const definition = name.endsWith("jsonl") ? {} : { definition: "boolq" };
    const task = readTask({ name: "t", file: pipe(name), role: "retain", ...definition }, { seed: 0 });
    expect(await outcomeOf(task)).toBe("source.unreadable");
  });

  test("as a recipe and as a sweep", async () => {
    expect(await outcomeOf(resolveRecipe({ file: pipe("recipe.yaml") }))).toBe("source.unreadable");
    expect(await outcomeOf(readSweep(pipe("sweep.yaml")))).toBe("source.unreadable");
  });

  test("as a model's configuration and as its weights", async () => {
    pipe("model", "config.json");
    pipe("model", "model.safetensors");
    expect(await outcomeOf(open(join(folder, "model")))).toBe("source.unreadable");
    expect(await outcomeOf(open(join(folder, "model", "model.safetensors")))).toBe("source.unreadable");
  });

  test("as what stands in the folder of a run or a sweep, which then holds nothing", async () => {
    pipe("config.json");
    expect(await outcomeOf(isRunFolder(folder))).toBe(false);
    for (const name of ["trainer.pid.json", "sweep.json", "stderr.log"]) pipe(name);
    expect(await outcomeOf(readNote(folder))).toBeUndefined();
    expect(await outcomeOf(readSweepFile(folder))).toBeUndefined();
    expect(await outcomeOf(logLines(folder))).toEqual([]);
    expect(await outcomeOf(openTail(join(folder, "stderr.log"), 0).next())).toBeUndefined();
  });

  test("as a document's place, which it keeps", async () => {
    const file = pipe("out.csv");
    expect(await outcomeOf(writeFileAtomically(file, "new", true))).toBe("output.unwritable");
    expect(statSync(file).isFIFO()).toBe(true);
  });

  test("as a log of a run or a file of requests to its trainer, which no link leads elsewhere either", () => {
    const message = (name: string, why: string) => ({
      code: "output.unwritable",
      message: `${join(folder, name)} cannot be written: ${why}.`,
    });
    const asked = () => appendRequest(pipe("requests.jsonl"), { type: "checkpoint" });
    expect(asked).toThrow(expect.objectContaining(message("requests.jsonl", "it is a pipe that nobody reads")));
    writeFileSync(join(folder, "precious"), "mine");
    symlinkSync(join(folder, "precious"), join(folder, "stderr.log"));
    const logged = () => openStderrLog(join(folder, "stderr.log")).write(Buffer.from("theirs"));
    expect(logged).toThrow(expect.objectContaining(message("stderr.log", "it is a link")));
    expect(readFileSync(join(folder, "precious"), "utf8")).toBe("mine");
  });

  test("as a file beside the weights that was none when the folder was opened", async () => {
    writeFileSync(join(folder, "tokenizer.json"), "{}");
    const file = { name: "tokenizer.json", path: join(folder, "tokenizer.json") };
    const { size, mtimeNs } = statSync(file.path, { bigint: true });
    rmSync(file.path);
    pipe(file.name);
    mkdirSync(join(folder, "out"));
    const copied = copyFiles([{ ...file, size: Number(size), mtimeNs }], join(folder, "out"));
    expect(await outcomeOf(copied)).toBe("source.unreadable");
  });

  test("as a task of the demo, whose items are then not counted", async () => {
    pipe("tasks", "facts.jsonl");
    const tasks = (await outcomeOf(knownTasks(folder))) as Awaited<ReturnType<typeof knownTasks>>;
    expect(tasks[0]).toMatchObject({ name: "facts", items: null });
  });
});

describe.skipIf(process.platform !== "linux")("files without an end", () => {
  test("a device is none, through a link too", async () => {
    symlinkSync("/dev/zero", join(folder, "recipe.yaml"));
    expect(await outcomeOf(resolveRecipe({ file: join(folder, "recipe.yaml") }))).toBe("source.unreadable");
    expect(await outcomeOf(readSweep("/dev/zero"))).toBe("source.unreadable");
  });

  test("a file that tells no size is read to its bound", async () => {
    const whole = await readRegular("/proc/self/status", 2 ** 20);
    expect(String(whole)).toContain(`Pid:\t${process.pid}\n`);
    expect(await readRegular("/proc/self/status", 16)).toBeUndefined();
  });
});
