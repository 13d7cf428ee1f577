/** What the trainer's lines add up to: the run's state, and its series for the live page. */
import { join } from "node:path";
import type { GrowthPoint, TrainerEvent, TrainingHistory, TrainingRun } from "../../../contract/domain/training.ts";
import { thinned } from "./thin.ts";

type Point = TrainingHistory["progress"][number];
export type Changes = Partial<
  Pick<TrainingRun, "state" | "step" | "steps" | "configSha" | "checkpoint" | "outputs" | "finalLoss" | "startedAt">
>;

/** Points of a page's series. */
const shownPoints = 1000;
/** Points kept in memory; beyond twice as many they are thinned. */
const keptPoints = 5000;
/** A run that warns at every step tells the same again and again. */
const mostWarnings = 200;

export interface RunHistory {
  /** Takes one line in; answers what it changes in the run. */
  take(event: TrainerEvent): Changes;
  snapshot(run: TrainingRun, growth: readonly GrowthPoint[]): TrainingHistory;
  /** Files that were sealed so far, the oldest first. */
  checkpoints(): TrainingHistory["checkpoints"];
  /** Highest so far, in bytes: the card's, or the process's. */
  peakMemory(): number | null;
  /** Loss on the held-out rows, of the last time it was measured. */
  validationLoss(): number | null;
}

interface State {
  folder: string;
  phase: string | null;
  progress: Point[];
  evals: TrainingHistory["evals"];
  checkpoints: TrainingHistory["checkpoints"];
  warnings: TrainingHistory["warnings"];
  etaSeconds: number | null;
  memoryEstimate: Record<string, number> | null;
  peakMemory: number | null;
}

/** @param folder the run folder, which the trainer's paths are below */
export function createHistory(folder: string): RunHistory {
  const state: State = {
    ...{ folder, phase: null, progress: [], evals: [], checkpoints: [], warnings: [] },
    ...{ etaSeconds: null, memoryEstimate: null, peakMemory: null },
  };
  return {
    take: (event) => take(state, event),
    snapshot: (run, growth) => ({
      run,
      waitsFor: null,
      phase: run.state === "running" || run.state === "stalled" ? state.phase : null,
      progress: thinned(state.progress, shownPoints, ({ loss }) => loss ?? 0),
      evals: state.evals,
      checkpoints: state.checkpoints,
      growth: [...growth],
      warnings: state.warnings,
      etaSeconds: run.state === "running" ? state.etaSeconds : null,
      memoryEstimate: state.memoryEstimate,
      peakMemory: state.peakMemory,
    }),
    checkpoints: () => state.checkpoints,
    peakMemory: () => state.peakMemory,
    validationLoss: () => state.evals.findLast(({ task, loss }) => task === validation && loss !== null)?.loss ?? null,
  };
}

/** Name of the held-out rows among the tasks. */
const validation = "validation";

function take(state: State, event: TrainerEvent): Changes {
  state.phase = phaseOf(event) ?? state.phase;
  switch (event.type) {
    case "hello":
    case "env":
      return { state: "running" };
    case "plan":
      state.memoryEstimate = event.memory;
      return { steps: event.steps };
    case "started":
      rewind(state, event.resumed_from);
      return { state: "running", steps: event.steps, step: event.resumed_from };
    case "progress":
      return takeProgress(state, event);
    case "eval":
      // One that was stopped in the middle is made again.
      state.evals = state.evals.filter(({ step, task }) => step !== event.step || task !== event.task);
      state.evals.push({ ...pick(event), loss: event.loss, at: event.t });
      return { state: "running" };
    case "checkpoint":
      return takeCheckpoint(state, event);
    case "warning":
      if (state.warnings.length < mostWarnings)
        state.warnings.push({ code: event.code, message: event.message, at: event.t });
      return event.code === "trainer.stalled" ? { state: "stalled" } : {};
    case "done":
      return {
        step: event.step,
        finalLoss: event.final_loss,
        outputs: event.outputs.map(({ kind, path }) => ({ kind, path: join(state.folder, path) })),
      };
    case "cancelled":
      return event.checkpoint === null ? {} : { step: event.step, checkpoint: join(state.folder, event.checkpoint) };
    case "heartbeat":
      return { state: "running" };
    default:
      return {};
  }
}

/** A heartbeat names the phase; other lines come in one. */
function phaseOf(event: TrainerEvent): string | undefined {
  if (event.type === "heartbeat") return event.phase;
  return event.type === "warning" ? undefined : phases.get(event.type);
}

const phases = new Map<TrainerEvent["type"], string>([
  ["hello", "import"],
  ["env", "tokenize"],
  ["plan", "load"],
  ["started", "train"],
  ["progress", "train"],
  ["eval", "eval"],
  ["checkpoint", "train"],
]);

function pick({ step, task, n, accuracy }: Extract<TrainerEvent, { type: "eval" }>) {
  return { step, task, n, accuracy };
}

/** Steps after the checkpoint that a run goes on from are made again. */
function rewind(state: State, step: number): void {
  state.progress = state.progress.filter((point) => point.step <= step);
  state.evals = state.evals.filter((point) => point.step <= step);
  state.checkpoints = state.checkpoints.filter((point) => point.step <= step);
}

function takeProgress(state: State, event: Extract<TrainerEvent, { type: "progress" }>): Changes {
  const { step, loss, lr, grad_norm, tps, gpu, rss, t } = event;
  state.progress.push({ at: t, step, loss, lr, grad_norm, tps, memory: gpu?.used ?? rss });
  if (state.progress.length > 2 * keptPoints) {
    state.progress = thinned(state.progress, keptPoints, (point) => point.loss ?? 0);
  }
  state.etaSeconds = event.eta_s;
  state.peakMemory = Math.max(state.peakMemory ?? 0, gpu?.peak ?? rss);
  return { state: "running", step, steps: event.steps };
}

function takeCheckpoint(state: State, event: Extract<TrainerEvent, { type: "checkpoint" }>): Changes {
  const path = join(state.folder, event.path);
  state.checkpoints = [...state.checkpoints.filter((one) => one.path !== path), { ...event, path, at: event.t }].map(
    ({ at, step, path: place, bytes }) => ({ at, step, path: place, bytes }),
  );
  return { checkpoint: path, configSha: event.config_sha };
}
