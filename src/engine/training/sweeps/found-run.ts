/** Runs of a sweep that this program did not start: printed commands trained them, here or on another machine. */
import type { TrainingRun } from "../../../contract/domain/training.ts";
import { queuedRun } from "../runs/begin.ts";
import { type ReadRun, readRun } from "../runs/events-file.ts";
import { endingIn } from "../runs/left-run.ts";
import type { Trainings } from "../runs/trainings.ts";
import { readNote } from "../trainer-note.ts";
import type { Cell } from "./expand.ts";
import { cellFolder, runId } from "./folder.ts";
import type { Sweep } from "./sweep.ts";

/** A trainer says every 5 s that it lives; one that is silent for so long has ended, or hangs. */
export const silentSeconds = 60;

export interface Known {
  trainings: Pick<Trainings, "adopt" | "isUnderWay">;
  /** What this program knows of the run. */
  record: TrainingRun | undefined;
  /** Whether what is found is stored; else it is known as long as this program runs. */
  kept: boolean;
}

/**
 * Takes the run that the folder of a cell tells of into the list of runs, and answers it; undefined where nobody but
 * this program has trained in that folder.
 */
export async function takeFound(
  cell: Cell,
  sweep: Pick<Sweep, "id" | "folder">,
  { trainings, record, kept }: Known,
): Promise<TrainingRun | undefined> {
  const place = { id: runId(sweep, cell), folder: cellFolder(sweep.folder, cell.sha), sweep: sweep.id };
  if (trainings.isUnderWay(place.id)) return undefined;
  const found = await foundRun(cell, place, record);
  if (found) await trainings.adopt(found, kept && found.state !== "running");
  return found;
}

async function foundRun(
  cell: Cell,
  place: { id: string; folder: string; sweep: string },
  record: TrainingRun | undefined,
): Promise<TrainingRun | undefined> {
  if (record?.state === "finished" || record?.state === "queued") return undefined;
  const read = await readRun(place.folder);
  const { began, heard, changes } = read;
  if (began === undefined || heard <= endOf(record)) return undefined;
  const ending = await endingOf(read, place.folder);
  const times = { startedAt: timeOf(began), finishedAt: ending.state === "running" ? null : timeOf(heard) };
  return { ...queuedRun({ ...cell.config, run_id: place.id }, place), ...changes, ...times, ...ending };
}

/** Unix seconds; what came before was taken in. */
function endOf(record: TrainingRun | undefined): number {
  return record?.finishedAt ? Date.parse(record.finishedAt) / 1000 : Number.NEGATIVE_INFINITY;
}

/** A run without a last line may go on at another machine; one that does not can be resumed. */
async function endingOf({ last, heard, pid }: ReadRun, folder: string): Promise<Pick<TrainingRun, "state" | "error">> {
  if (last) return endingIn(folder, last);
  const isSilent = Math.abs(Date.now() / 1000 - heard) > silentSeconds;
  return { state: isSilent || (await isOurs(pid, folder)) ? "paused" : "running", error: null };
}

/** A trainer that a program of ours started is waited for by its process id, not by its silence. */
async function isOurs(pid: number | undefined, folder: string): Promise<boolean> {
  const note = await readNote(folder);
  return note !== undefined && (note.pid === pid || note.trainer === pid);
}

function timeOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
