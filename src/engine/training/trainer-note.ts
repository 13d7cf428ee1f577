/** Which process trains in a run folder, written down so that a later start of this program, or another one, knows it. */
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { parsedJson } from "../../contract/json.ts";
import { readRegular } from "../source/regular-file.ts";
import { processIsAlive, processStart } from "../workspace/process.ts";

const note = z.object({
  pid: z.number().int().positive(),
  /** Tells a reused process id, where the system knows it. */
  processStart: z.string().optional(),
  host: z.string().optional(),
  /** The process that hears signals, where `pid` only launched it. */
  trainer: z.number().int().positive().optional(),
  /** Of a trainer that may outlive the program that started it. */
  unattended: z
    .object({
      /** The run that it trains. */
      run: z.string(),
      /** Name of its file of requests; no other start has the same. */
      requests: z.string().regex(/^requests-[0-9a-f]{16}\.jsonl$/),
      /** As the run asked for it. */
      device: z.string(),
    })
    .optional(),
});
export type TrainerNote = z.infer<typeof note>;
export type UnattendedNote = TrainerNote & Required<Pick<TrainerNote, "unattended">>;

/** Ours have some hundred. */
const mostBytes = 65_536;

/** Far more than the 5 s between two heartbeats: a computer that slept, a clock of another machine. */
const silentMs = 600_000;

function fileIn(folder: string): string {
  return join(folder, "trainer.pid.json");
}

/** At once, so that no end of this program can come between the start of a trainer and its note. */
export function noteTrainer(folder: string, process: Omit<TrainerNote, "processStart" | "host">): TrainerNote {
  const whole = { ...process, processStart: processStart(process.pid), host: hostname() };
  const file = fileIn(folder);
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${file}.new`, JSON.stringify(whole));
  renameSync(`${file}.new`, file);
  return whole;
}

export async function readNote(folder: string): Promise<TrainerNote | undefined> {
  const bytes = await readRegular(fileIn(folder), mostBytes).catch(() => undefined);
  return bytes === undefined ? undefined : note.safeParse(parsedJson(bytes.toString())).data;
}

/** What a trainer left that ended, once that was taken in; the note of a later start stays. */
export async function forgetTrainer(folder: string, { unattended: { requests } }: UnattendedNote): Promise<void> {
  await rm(join(folder, requests), { force: true }).catch(() => undefined);
  const now = await readNote(folder);
  if (now?.unattended?.requests === requests) await rm(fileIn(folder), { force: true }).catch(() => undefined);
}

/** Where the system does not tell a process's start, or it is another machine's, its heartbeat counts. */
export async function trainerIsAlive(folder: string, known: TrainerNote): Promise<boolean> {
  if (isHere(known)) {
    if (!processIsAlive(known.pid)) return false;
    const start = processStart(known.pid);
    if (start !== undefined || known.processStart !== undefined) return start === known.processStart;
  }
  const files = [fileIn(folder), join(folder, "events.jsonl")];
  const times = await Promise.all(
    files.map((file) =>
      stat(file).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
      ),
    ),
  );
  return Date.now() - Math.max(...times) < silentMs;
}

/** Whether it is a process of this machine, which signals reach. */
export function isHere({ host }: TrainerNote): boolean {
  return host === undefined || host === hostname();
}
