/** A trainer of another process: of this program's, or one that outlived it, which saves and ends by itself. */
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { DeltaScopeError } from "../../../contract/errors.ts";
import { quote } from "../../source/quote.ts";
import { appendRequest } from "../requests.ts";
import { isHere, readNote, type TrainerNote, trainerIsAlive } from "../trainer-note.ts";

/** Between two looks. */
const pauseMs = 200;
/** A trainer whose standard input has ended saves after its current step; a slow disk takes minutes. */
const patienceMs = 300_000;

/** Asks whichever process trains in this folder for a checkpoint. @throws DeltaScopeError `run.not-running` */
export async function askOldTrainer(folder: string): Promise<void> {
  const living = await livingTrainer(folder);
  if (!living) throw new DeltaScopeError("run.not-running", "No trainer works in this folder.", folder);
  const { pid, trainer = pid, unattended } = living;
  if (unattended) return appendRequest(join(folder, unattended.requests), { type: "checkpoint" });
  if (!isHere(living)) {
    // Its number is another process's here, which the signal would end.
    const message = `The run trains on ${quote(living.host ?? "")}; only there can it be asked for a checkpoint.`;
    throw new DeltaScopeError("run.not-running", message, folder);
  }
  if (process.platform !== "win32") return void process.kill(trainer, "SIGUSR1");
  const message = "On Windows only the program that started a run can ask it for a checkpoint.";
  throw new DeltaScopeError("run.not-running", message, folder);
}

/** @throws DeltaScopeError `trainer.elsewhere` where another trainer goes on in this folder; `job.cancelled` */
export async function waitForOldTrainer(folder: string, signal: AbortSignal): Promise<void> {
  for (const end = Date.now() + patienceMs; Date.now() < end; ) {
    const living = await livingTrainer(folder);
    if (living === undefined) return;
    if (living.unattended) break; // it goes on whatever became of its parent
    await delay(pauseMs, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) throw new DeltaScopeError("job.cancelled", "The run was cancelled before it went on.");
  }
  throw new DeltaScopeError("trainer.elsewhere", `Another trainer still works in ${folder}.`, folder);
}

async function livingTrainer(folder: string): Promise<TrainerNote | undefined> {
  const note = await readNote(folder);
  return note && (await trainerIsAlive(folder, note)) ? note : undefined;
}
