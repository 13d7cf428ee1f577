/** A trainer that outlived the program which started it: it saves and ends by itself, and must have ended first. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { DeltaScopeError } from "../../../contract/errors.ts";
import { processIsAlive, processStart } from "../../workspace/process.ts";

const note = z.object({ pid: z.number().int().positive(), processStart: z.string().optional() });

/** Between two looks. */
const pauseMs = 200;
/** A trainer whose standard input has ended saves after its current step; a slow disk takes minutes. */
const patienceMs = 300_000;

function fileIn(folder: string): string {
  return join(folder, "trainer.pid.json");
}

/** Notes which process trains in this folder, so that a later start knows it. */
export async function noteTrainer(folder: string, pid: number | undefined): Promise<void> {
  if (pid === undefined) return;
  await writeFile(fileIn(folder), JSON.stringify({ pid, processStart: processStart(pid) }));
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

/** Its process id; a reused one is told by its start, where the system knows that. */
export async function livingTrainer(folder: string): Promise<number | undefined> {
  const text = await readFile(fileIn(folder), "utf8").catch(() => undefined);
  const read = text === undefined ? undefined : note.safeParse(parse(text)).data;
  if (!read || !processIsAlive(read.pid)) return undefined;
  return read.processStart === processStart(read.pid) ? read.pid : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
