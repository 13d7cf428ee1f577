/** Runs what a sweep's folder does not hold yet: one run per device at a time, a failed one beside the others. */
import { join } from "node:path";
import type { TrainingRun } from "../../../contract/domain/training.ts";
import { DeltaScopeError, type ErrorDocument, toDeltaScopeError } from "../../../contract/errors.ts";
import type { Progress } from "../../../contract/progress.ts";
import { createEventQueue } from "../../jobs/event-queue.ts";
import type { TrainingServices } from "../runs/services.ts";
import type { Trainings } from "../runs/trainings.ts";
import type { Cell } from "./expand.ts";
import { cellFolder, cellState, runId, writeResult } from "./folder.ts";
import { silentSeconds, takeFound } from "./found-run.ts";
import { keepWeights, keptCells } from "./keep-weights.ts";
import { type MeasureServices, measureCell, taskFiles } from "./measure-cell.ts";
import type { Sweep } from "./sweep.ts";

/** So many equal errors in a row are no accident of one run. */
const mostEqualFailures = 3;

export type SweepStep =
  | { type: "progress"; progress: Progress }
  | { type: "failed"; label: string; path: string; error: ErrorDocument }
  /** Results of a run were written. */
  | { type: "measured"; cell: Cell };

export interface SweepRunServices extends MeasureServices, Pick<TrainingServices, "keep"> {
  trainings: Pick<Trainings, "runs" | "adopt" | "beginCell" | "execute" | "ended" | "isLeft" | "isUnderWay">;
  devices(): Promise<string[]>;
}

interface Work {
  sweep: Sweep;
  services: SweepRunServices;
  waiting: Cell[];
  done: number;
  failures: { code: string; count: number };
  stop: AbortController;
  signal: AbortSignal;
  tell(step: SweepStep): void;
}

/** @throws DeltaScopeError `job.cancelled`; what reading its tasks throws, with nothing started; the error of three failures in a row, after which nothing more is tried */
export async function* runSweep(
  sweep: Sweep,
  services: SweepRunServices,
  signal: AbortSignal,
): AsyncGenerator<SweepStep, void> {
  const waiting = await missing(sweep);
  // A file that was fit when it was asked may be gone when the sweep goes on: known before hours of training.
  if (waiting.length > 0) await services.readTasks(taskFiles(sweep.spec, waiting));
  const steps = createEventQueue<SweepStep>(() => undefined);
  const stop = new AbortController();
  const work: Work = {
    ...{ sweep, services, stop, waiting },
    done: 0,
    failures: { code: "", count: 0 },
    signal: AbortSignal.any([signal, stop.signal]),
    tell: (step) => steps.push([step]),
  };
  work.done = sweep.cells.length - work.waiting.length;
  // Those that kept training while nobody watched hold their devices already.
  const isLeft = (cell: Cell): boolean => services.trainings.isLeft(runId(sweep, cell));
  work.waiting = [...work.waiting.filter(isLeft), ...work.waiting.filter((cell) => !isLeft(cell))];
  const workers = (await devicesFor(sweep, services)).map((device) => workOff(work, device));
  const all = Promise.all(workers).finally(steps.close);
  all.catch(() => undefined); // told below, after the steps that came before it
  yield* steps.items;
  await all;
  // Which of the rates is the best is known when all have results.
  if (sweep.spec.keep === "best") {
    for (const cell of await keptCells(sweep.cells, sweep.folder)) await keepInLibrary(cell, work);
  }
  if (signal.aborted) throw new DeltaScopeError("job.cancelled", "The sweep was stopped.");
}

async function missing({ cells, folder }: Sweep): Promise<Cell[]> {
  const states = await Promise.all(cells.map(({ sha }) => cellState(cellFolder(folder, sha))));
  return cells.filter((_, index) => states[index] !== "done");
}

/** The processor takes runs only where there is no graphics card; a recipe that names a device has that one. */
async function devicesFor({ cells }: Sweep, services: SweepRunServices): Promise<string[]> {
  const named = [...new Set(cells.map(({ config }) => config.device))];
  if (named.some((device) => device !== "auto")) return named.slice(0, 1);
  const devices = await services.devices();
  const cards = devices.filter((device) => device !== "cpu");
  return cards.length > 0 ? cards : ["cpu"];
}

async function workOff(work: Work, device: string): Promise<void> {
  for (let cell = work.waiting.shift(); cell && !work.signal.aborted; cell = work.waiting.shift()) {
    try {
      await runCell(cell, device, work);
      work.done += 1;
      work.failures = { code: "", count: 0 };
    } catch (thrown) {
      const error = toDeltaScopeError(thrown);
      if (work.signal.aborted || error.code === "job.cancelled") continue;
      work.tell({
        type: "failed",
        label: cell.config.name,
        path: cellFolder(work.sweep.folder, cell.sha),
        error: error.toDocument(),
      });
      if (error.code !== "trainer.elsewhere") pauseAfterEqual(error, work);
    }
    tellProgress(work, cell, 0);
  }
}

function pauseAfterEqual(error: DeltaScopeError, work: Work): void {
  const { code, count } = work.failures;
  work.failures = { code: error.code, count: error.code === code ? count + 1 : 1 };
  if (work.failures.count < mostEqualFailures) return;
  work.stop.abort();
  const message = `${mostEqualFailures} runs in a row ended alike, so the sweep is paused. ${error.message}`;
  throw new DeltaScopeError(error.code, message, error.where, { cause: error });
}

async function runCell(cell: Cell, device: string, work: Work): Promise<void> {
  const { sweep, services, signal } = work;
  const folder = cellFolder(sweep.folder, cell.sha);
  const { trainings } = services;
  const id = runId(sweep, cell);
  const isLeft = trainings.isLeft(id);
  const record = trainings.runs().find((run) => run.id === id);
  // Before its start: one that was begun by a printed command goes on from its checkpoint.
  const found = await takeFound(cell, sweep, { trainings, record, kept: true });
  if (found?.state === "running") throw trainedElsewhere(found);
  if (isLeft || (await cellState(folder)) !== "trained") await train(cell, device, work);
  const result = await measureCell({ folder, config: cell.config, spec: sweep.spec }, services, signal);
  await writeResult(folder, result);
  const { keep } = sweep.spec;
  await keepWeights(cell, sweep.cells, { folder: sweep.folder, keep });
  if (keep === "all") await keepInLibrary(cell, work);
  work.tell({ type: "measured", cell });
}

function trainedElsewhere({ step, steps, folder }: TrainingRun): DeltaScopeError {
  const reached = steps === null ? "" : ` It is at step ${step} of ${steps}.`;
  const message = `Another process trains this run, which a printed command started.${reached} It counts as ended after ${silentSeconds} s of silence.`;
  return new DeltaScopeError("trainer.elsewhere", message, folder);
}

async function keepInLibrary({ sha, config: { name, base } }: Cell, { sweep, services }: Work): Promise<void> {
  await services.keep({ path: join(cellFolder(sweep.folder, sha), "final"), label: name, base: base.path });
}

async function train(cell: Cell, device: string, work: Work): Promise<void> {
  const { sweep, services, signal } = work;
  const { trainings } = services;
  const id = runId(sweep, cell);
  const place = { id, folder: cellFolder(sweep.folder, cell.sha), sweep: sweep.id };
  await trainings.beginCell({ ...place, config: { ...cell.config, run_id: id } });
  try {
    for await (const progress of trainings.execute(id, signal, { device, turn: sweep.turn })) {
      tellProgress(work, cell, progress.phase === "train" ? progress.done / Math.max(1, progress.total) : 0);
    }
    await trainings.ended(id, "finished", null);
  } catch (thrown) {
    const error = toDeltaScopeError(thrown);
    const isStopped = error.code === "job.cancelled";
    await trainings.ended(id, isStopped ? stoppedAs(signal) : "failed", isStopped ? null : error.toDocument());
    throw error;
  }
}

/** One run that its user stopped by itself is cancelled; those that end with the sweep go on with it. */
function stoppedAs(signal: AbortSignal): Extract<TrainingRun["state"], "paused" | "cancelled"> {
  return signal.aborted ? "paused" : "cancelled";
}

function tellProgress({ sweep, done, tell }: Work, cell: Cell, share: number): void {
  const progress = { phase: "train", done: done + share, total: sweep.cells.length, unit: "runs" } as const;
  tell({ type: "progress", progress: { ...progress, item: cell.config.name, elapsedSeconds: secondsOf(sweep) } });
}

function secondsOf({ startedAt }: Sweep): number {
  return (Date.now() - startedAt) / 1000;
}
