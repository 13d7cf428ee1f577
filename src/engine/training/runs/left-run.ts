/** Runs whose trainer was left to itself by an earlier process of this program: what has become of them. */
import type { TrainingRun } from "../../../contract/domain/training.ts";
import type { TrainingRecord } from "../../store/trainings.ts";
import { type FinalEvent, outcomeOf } from "../ending.ts";
import { logLines } from "../log-lines.ts";
import { forgetTrainer, readNote, type TrainerNote, trainerIsAlive, type UnattendedNote } from "../trainer-note.ts";
import { readRun } from "./events-file.ts";

export interface LeftTrainer {
  note: UnattendedNote;
  isAlive: boolean;
}

/**
 * The trainer of this very run, if nobody has taken its end in yet; others may work in its folder.
 * @param last its last line, where that is known; one that was told to stop has nothing more to tell
 */
export async function leftTrainer(
  { id, folder }: Pick<TrainingRun, "id" | "folder">,
  last: FinalEvent | undefined,
): Promise<LeftTrainer | undefined> {
  const note = await readNote(folder);
  if (note?.unattended?.run !== id) return undefined;
  const left = { ...note, unattended: note.unattended };
  const isAlive = await trainerIsAlive(folder, left);
  return isAlive || last?.type !== "cancelled" ? { note: left, isAlive } : undefined;
}

/** A run that is asked for anew starts anew, unless its trainer goes on or has brought it to its end. */
export async function forgetFailedTrainer(run: TrainingRun): Promise<void> {
  const { last } = await readRun(run.folder);
  const left = await leftTrainer(run, undefined);
  if (left && !left.isAlive && last?.type !== "done") await forgetTrainer(run.folder, left.note);
}

/** An interrupted run as it is in truth; undefined where its trainer ended with the program. */
export async function asLeft({ run }: TrainingRecord): Promise<{ run: TrainingRun; isLeft: boolean } | undefined> {
  if (run.error?.code !== "job.interrupted") return undefined;
  const note = await readNote(run.folder);
  if (note && !note.unattended) return asSaved(run, note);
  if (note?.unattended?.run !== run.id) return undefined;
  const { changes, last } = await readRun(run.folder);
  const left = await leftTrainer(run, last);
  const known = { ...run, ...changes, error: null };
  if (left?.isAlive) return { run: { ...known, state: "running" }, isLeft: true };
  const finishedAt = last ? new Date(last.t * 1000).toISOString() : null;
  const ending = await endingIn(run.folder, last);
  return { run: { ...known, ...ending, finishedAt }, isLeft: left !== undefined };
}

/** A trainer whose program was killed hears the end of its input: it saves and ends as if it had been asked to. */
async function asSaved(run: TrainingRun, note: TrainerNote): ReturnType<typeof asLeft> {
  if (await trainerIsAlive(run.folder, note)) return undefined;
  const { changes, last } = await readRun(run.folder);
  if (last?.type !== "cancelled") return undefined;
  const finishedAt = new Date(last.t * 1000).toISOString();
  return { run: { ...run, ...changes, state: "paused", error: null, finishedAt }, isLeft: false };
}

/** Of a trainer that nobody watched: one that stopped when it was asked to can go on. */
export async function endingIn(
  runFolder: string,
  last: FinalEvent | undefined,
): Promise<Pick<TrainingRun, "state" | "error">> {
  const tail = await logLines(runFolder);
  const ending = { code: null, signal: null, refusal: undefined, requested: false };
  const { state, error } = outcomeOf({ ...ending, last, tail, runFolder });
  return { state: state === "cancelled" ? "paused" : state, error: error?.toDocument() ?? null };
}
