/** The fine-tunes of a workspace: those under way, and what became of the others. */
import { existsSync } from "node:fs";
import type { Job } from "../../../contract/domain/job.ts";
import type { RunConfig, TrainingHistory, TrainingRun, TrainingSpec } from "../../../contract/domain/training.ts";
import { DeltaScopeError, type ErrorDocument } from "../../../contract/errors.ts";
import type { Progress } from "../../../contract/progress.ts";
import type { TrainingRecord } from "../../store/trainings.ts";
import { logLines } from "../log-lines.ts";
import { forgetTrainer } from "../trainer-note.ts";
import type { TrainerProcess } from "../trainer-process.ts";
import { configOf, newRun, type Permit, queuedRun, requireRun, requireSame } from "./begin.ts";
import { readRun } from "./events-file.ts";
import { type Execution, executeRun } from "./execute.ts";
import { asLeft, forgetFailedTrainer, leftTrainer } from "./left-run.ts";
import { type LiveRun, openLiveRun } from "./live-run.ts";
import { askOldTrainer } from "./old-trainer.ts";
import type { TrainingServices } from "./services.ts";

/** Where and when a run begins, as far as its configuration leaves that open. */
export type Whereabouts = Pick<Execution, "device" | "turn">;

export interface Trainings {
  /** What was started last comes first. */
  runs(): TrainingRun[];
  /** @throws DeltaScopeError `training.not-found` */
  find(run: string): TrainingRun;
  history(run: string): Promise<TrainingHistory>;
  log(run: string): Promise<string[]>;
  /**
   * Writes a run down that waits for its start; one that is known already waits again.
   * @throws DeltaScopeError `recipe.invalid`, `training.not-found`; `trainer.checkpoint` for another recipe than the run's
   */
  begin(spec: TrainingSpec, permit?: Permit): Promise<TrainingRun>;
  /** The same for a cell of a sweep. */
  beginCell(cell: { id: string; folder: string; sweep: string; config: RunConfig }): Promise<TrainingRun>;
  /**
   * Takes in a run that was trained without this program, as its folder tells of it.
   * @param kept also in the store; else only as long as this program runs, which can find it again
   */
  adopt(run: TrainingRun, kept: boolean): Promise<void>;
  /** Trains. @throws DeltaScopeError `trainer.*`, `job.cancelled` */
  execute(run: string, signal: AbortSignal, where?: Whereabouts): AsyncGenerator<Progress, void>;
  /** What became of it, for its card. */
  ended(run: string, state: Job["state"], error: ErrorDocument | null): Promise<void>;
  /** Asks its trainer to save a checkpoint and to go on. @throws DeltaScopeError `run.not-running` */
  checkpoint(run: string): Promise<TrainingRun>;
  /** Asks a trainer to stop; false where none is under way. */
  stop(run: string, checkpoint: boolean): boolean;
  /** Whether this program trains it, or an earlier one left it training. */
  isUnderWay(run: string): boolean;
  /** Whether an earlier process left its trainer to itself, and nobody here has followed it yet. */
  isLeft(run: string): boolean;
  /** Before the end of this program: trainers that may outlive it are watched no more and go on. */
  leave(): void;
}

export async function createTrainings(services: TrainingServices): Promise<Trainings> {
  const records = new Map((await services.store.trainings()).map((record) => [record.run.id, record]));
  const left = await takeLeft(records);
  const live = new Map<string, LiveRun>();
  /** Those that went on when this process stopped watching. */
  const goneOn = new Set<string>();
  const processes = new Map<string, TrainerProcess>();

  const recordOf = (run: string): TrainingRecord => {
    const record = live.get(run)?.record() ?? records.get(run);
    if (record) return record;
    throw new DeltaScopeError("training.not-found", `There is no fine-tune ${JSON.stringify(run.slice(0, 64))}.`);
  };
  const put = async (record: TrainingRecord): Promise<TrainingRun> => {
    records.set(record.run.id, record);
    await services.store.putTraining(record);
    services.publish(record.run);
    return record.run;
  };
  const begin = (run: TrainingRun, known: TrainingRecord | undefined): Promise<TrainingRun> =>
    put(known ? { ...known, run: again(known.run) } : { run, askedAt: new Date().toISOString(), growth: [] });
  const beginAgain = async (known: TrainingRecord): Promise<TrainingRun> => {
    if (live.has(known.run.id)) return known.run;
    await forgetFailedTrainer(known.run);
    return begin(known.run, known);
  };
  /** A start that failed before its first step leaves the folder to the next: the newest one counts. */
  const knownIn = (folder: string): TrainingRecord | undefined =>
    [...records.values()]
      .filter(({ run }) => run.folder === folder)
      .reduce<TrainingRecord | undefined>(
        (newest, one) => (newest && newest.askedAt > one.askedAt ? newest : one),
        undefined,
      );

  return {
    runs: () =>
      [...records.keys()]
        .map(recordOf)
        .toSorted((one, other) => (one.askedAt < other.askedAt ? 1 : -1))
        .map(({ run }) => run),
    find: (run) => recordOf(run).run,
    async history(run) {
      const record = recordOf(run);
      const opened = live.get(run);
      const { history } = opened ?? (await readRun(record.run.folder));
      const whole = history.snapshot(record.run, record.growth);
      const waitsFor = services.locks.holder(opened?.waiting() ?? []) ?? null;
      return { ...whole, waitsFor, checkpoints: whole.checkpoints.filter(({ path }) => existsSync(path)) };
    },
    log: async (run) => (await processes.get(run)?.log()) ?? logLines(recordOf(run).run.folder),
    async begin(spec, permit) {
      if ("run" in spec) return beginAgain(recordOf(spec.run));
      const known = spec.out !== undefined && spec.resume ? knownIn(spec.out) : undefined;
      if (!known && spec.resume) await requireRun(spec.out);
      const config = await configOf(spec, services, permit);
      if (known) {
        requireSame(known.run, config);
        return beginAgain(known);
      }
      const run = newRun(config, { folder: services.folder, out: spec.out });
      return begin(spec.resume ? { ...run, startedAt: new Date().toISOString() } : run, undefined);
    },
    beginCell: ({ config, ...place }) => begin(queuedRun(config, place), records.get(place.id)),
    async adopt(run, kept) {
      const { askedAt = run.startedAt ?? new Date().toISOString(), growth = [] } = records.get(run.id) ?? {};
      const record = { run, askedAt, growth };
      if (kept) await put(record);
      else records.set(run.id, record);
    },
    async *execute(run, signal, where) {
      const before = recordOf(run);
      const opened = await openLiveRun(before, services);
      left.delete(run);
      live.set(run, opened);
      const began = (process: TrainerProcess): void => void processes.set(run, process);
      const resume = before.run.startedAt !== null;
      yield* executeRun({ ...where, live: opened, resume, began }, services, signal);
    },
    async ended(run, state, error) {
      const opened = live.get(run);
      // The next start finds it as one that was under way when the program ended.
      if (goneOn.has(run)) return opened?.settle();
      const record = recordOf(run);
      const finishedAt = new Date().toISOString();
      const ending = {
        state: state === "queued" || state === "running" ? "paused" : state,
        error,
        finishedAt,
      } as const;
      opened?.change(ending);
      live.delete(run);
      processes.delete(run);
      records.set(run, opened?.record() ?? { ...record, run: { ...record.run, ...ending } });
      await (opened?.settle() ?? put(recordOf(run)));
      const ours = await leftTrainer(recordOf(run).run, undefined);
      if (ours && !ours.isAlive) await forgetTrainer(recordOf(run).run.folder, ours.note);
    },
    async checkpoint(run) {
      const { run: found } = recordOf(run);
      const process = processes.get(run);
      if (process) process.checkpoint();
      else await askOldTrainer(found.folder);
      return found;
    },
    stop(run, checkpoint) {
      recordOf(run);
      processes.get(run)?.cancel(checkpoint);
      return processes.has(run);
    },
    isUnderWay: (run) => live.has(run) || left.has(run),
    isLeft: (run) => left.has(run),
    leave() {
      for (const [run, trainer] of processes) {
        trainer.leave();
        void trainer.exit.then(({ state }) => state === "left" && goneOn.add(run));
      }
    },
  };
}

/** Runs that were under way when the program ended are shown as they are by now; answers those to be followed. */
async function takeLeft(records: Map<string, TrainingRecord>): Promise<Set<string>> {
  const left = new Set<string>();
  for (const [id, record] of records) {
    const found = await asLeft(record);
    if (found) records.set(id, { ...record, run: found.run });
    if (found?.isLeft) left.add(id);
  }
  return left;
}

/** Waits for its start once more; what it has done stays. */
function again(run: TrainingRun): TrainingRun {
  return { ...run, state: "queued", error: null, finishedAt: null };
}
