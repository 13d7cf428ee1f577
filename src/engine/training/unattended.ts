/** Starts a trainer that goes on when this program ends: nothing ties it to us but files in its run folder. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { closeSync, statSync } from "node:fs";
import { join } from "node:path";
import { openToAppend } from "./append.ts";
import { followTrainer } from "./follow-trainer.ts";
import { trainerFolder } from "./process-variables.ts";
import { noteTrainer, type UnattendedNote } from "./trainer-note.ts";
import type { TrainerProcess } from "./trainer-process.ts";
import { notStarted, prepareStart, silentStart, spawned, type TrainerStart } from "./trainer-start.ts";

/**
 * Writes the configuration, starts the trainer, and follows it. Aborting is `cancel(true)`.
 * @throws DeltaScopeError `trainer.not-started`, `output.unwritable`
 */
export async function startUnattended(start: TrainerStart, signal?: AbortSignal): Promise<TrainerProcess> {
  const { python, runFolder, config } = start;
  const { words, environment, patience } = await prepareStart(start);
  const requests = `requests-${randomBytes(8).toString("hex")}.jsonl`;
  const bytes = statSync(join(runFolder, "events.jsonl"), { throwIfNoEntry: false })?.size ?? 0;
  try {
    const child = launch(python, [...words, "--requests", join(runFolder, requests)], environment, runFolder);
    const unattended = { run: config.run_id, requests, device: config.device };
    // In the same breath: one that nobody wrote down would be an orphan.
    const note = child.pid === undefined ? undefined : noteOrEnd(child, child.pid, runFolder, unattended);
    await spawned(child);
    child.unref();
    const started = { child, silent: silentStart(start, patience.hello) };
    if (note) return followTrainer({ runFolder, note, known: { bytes }, started, patience }, signal);
    throw new Error("It has no process.");
  } catch (thrown) {
    throw notStarted(thrown, python);
  }
}

function launch(python: string, words: string[], env: NodeJS.ProcessEnv, runFolder: string): ChildProcess {
  const log = openToAppend(join(runFolder, "stderr.log"));
  try {
    return spawn(python, words, {
      cwd: trainerFolder,
      env,
      stdio: ["ignore", "ignore", log],
      detached: true,
      windowsHide: true,
      shell: false,
    });
  } finally {
    closeSync(log);
  }
}

/** @throws what keeps the note from being written; the trainer has ended then */
function noteOrEnd(
  child: ChildProcess,
  pid: number,
  runFolder: string,
  unattended: UnattendedNote["unattended"],
): UnattendedNote {
  try {
    return { ...noteTrainer(runFolder, { pid, unattended }), unattended };
  } catch (thrown) {
    child.on("error", () => undefined);
    child.kill("SIGKILL");
    throw thrown;
  }
}
