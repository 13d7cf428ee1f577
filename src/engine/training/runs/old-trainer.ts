/** A trainer of another process: of this program's, or one that outlived it, which saves and ends by itself. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { DeltaScopeError } from "../../../contract/errors.ts";
import { processIsAlive, processStart } from "../../workspace/process.ts";

const note = z.object({
  pid: z.number().int().positive(),
  processStart: z.string().optional(),
  /** The process that hears requests, where `pid` only launched it. */
  trainer: z.number().int().positive().optional(),
});
type Note = z.infer<typeof note>;

/** Between two looks. */
const pauseMs = 200;
/** A trainer whose standard input has ended saves after its current step; a slow disk takes minutes. */
const patienceMs = 300_000;

function fileIn(folder: string): string {
  return join(folder, "trainer.pid.json");
}

/** Notes which process trains in this folder, so that a later start knows it. */
export async function noteTrainer(folder: string, pid: number | undefined, trainer = pid): Promise<void> {
  if (pid === undefined) return;
  await writeFile(fileIn(folder), JSON.stringify({ pid, processStart: processStart(pid), trainer }));
}

/** Asks whichever process trains in this folder for a checkpoint. @throws DeltaScopeError `run.not-running` */
export async function askOldTrainer(folder: string): Promise<void> {
  const living = await livingNote(folder);
  if (!living) throw new DeltaScopeError("run.not-running", "No trainer works in this folder.", folder);
  const { pid, trainer = pid } = living;
  if (process.platform !== "win32") return void process.kill(trainer, "SIGUSR1");
  const message = "On Windows only the program that started a run can ask it for a checkpoint.";
  throw new DeltaScopeError("run.not-running", message, folder);
}

/** @throws DeltaScopeError `trainer.run-exists` where another trainer goes on in this folder; `job.cancelled` */
export async function waitForOldTrainer(folder: string, signal: AbortSignal): Promise<void> {
  for (const end = Date.now() + patienceMs; Date.now() < end; ) {
    const pid = await livingTrainer(folder);
    if (pid === undefined) return;
    await delay(pauseMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) throw new DeltaScopeError("job.cancelled", "The run was cancelled before it went on.");
  }
  throw new DeltaScopeError("trainer.run-exists", `Another trainer still works in ${folder}.`, folder);
}

/** Its process id. */
export async function livingTrainer(folder: string): Promise<number | undefined> {
  return (await livingNote(folder))?.pid;
}

/** A reused process id is told by its start, where the system knows that. */
async function livingNote(folder: string): Promise<Note | undefined> {
  const text = await readFile(fileIn(folder), "utf8").catch(() => undefined);
  const read = text === undefined ? undefined : note.safeParse(parse(text)).data;
  if (!read || !processIsAlive(read.pid)) return undefined;
  return read.processStart === processStart(read.pid) ? read : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
