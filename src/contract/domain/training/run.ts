/** Fine-tunes that were started: what the trainer reported, and what was measured of their checkpoints. */
import { z } from "zod";
import { errorDocument } from "../../errors.ts";
import { runConfig } from "./config.ts";
import { quantity } from "./quantity.ts";

/** What the intruder test says of one saved checkpoint of a run. */
export const growthPoint = z.object({
  step: z.number().int(),
  path: z.string(),
  /** Intruders by kind of module. */
  intruders: z.record(z.string(), z.number().int()),
  effectiveRank: z.object({ median: quantity, low: quantity, high: quantity }),
  relativeDelta: quantity,
});
export type GrowthPoint = z.infer<typeof growthPoint>;

export const trainingState = z.enum(["queued", "running", "paused", "stalled", "finished", "cancelled", "failed"]);

export const trainingRun = z.object({
  id: z.string(),
  name: z.string(),
  folder: z.string(),
  config: runConfig,
  configSha: z.string().nullable(),
  sweep: z.string().nullable(),
  state: trainingState,
  /** Started to go on when the program ends, as the user chose then; else it saves and stops with the program. */
  unattended: z.boolean().default(false),
  step: z.number().int(),
  steps: z.number().int().nullable(),
  startedAt: z.string().nullable(),
  finishedAt: z.string().nullable(),
  finalLoss: quantity,
  /** Newest checkpoint, and what the finished run left. */
  checkpoint: z.string().nullable(),
  outputs: z.array(z.object({ kind: z.string(), path: z.string() })),
  error: errorDocument.nullable(),
});
export type TrainingRun = z.infer<typeof trainingRun>;

/** Who has a device that a run waits for: another run of this program, or another program of this user. */
export const deviceHolder = z.object({
  device: z.string(),
  /** Its shown name. */
  run: z.string().nullable(),
  process: z.object({ pid: z.number().int(), host: z.string() }).nullable(),
});
export type DeviceHolder = z.infer<typeof deviceHolder>;

/** When the trainer said so, in Unix seconds. */
const said = { at: z.number() };

/** Everything the live page shows; series are thinned to about 1000 points. */
export const trainingHistory = z.object({
  run: trainingRun,
  /** What the trainer does now, by the names of its protocol: import, tokenize, load, train, eval, save, export. */
  phase: z.string().nullable(),
  /** Whom it waits for; null where it has its devices, or nothing has them. */
  waitsFor: deviceHolder.nullable(),
  progress: z.array(
    z.object({
      ...said,
      step: z.number().int(),
      loss: quantity,
      lr: quantity,
      grad_norm: quantity,
      tps: quantity,
      memory: quantity,
    }),
  ),
  evals: z.array(
    z.object({
      ...said,
      step: z.number().int(),
      task: z.string(),
      n: z.number().int(),
      accuracy: quantity,
      loss: quantity,
    }),
  ),
  checkpoints: z.array(z.object({ ...said, step: z.number().int(), path: z.string(), bytes: z.number() })),
  growth: z.array(growthPoint),
  warnings: z.array(z.object({ ...said, code: z.string(), message: z.string() })),
  etaSeconds: quantity,
  memoryEstimate: z.record(z.string(), z.number()).nullable(),
  peakMemory: quantity,
});
export type TrainingHistory = z.infer<typeof trainingHistory>;

/**
 * A fine-tune as a job: a recipe that starts a new run, or a run to go on with. A started job always names its run, so
 * that resuming it goes on.
 */
export const trainingSpec = z.union([
  z.strictObject({ run: z.string() }),
  z.strictObject({
    /** As read from a form or a file; what it is wrong in is told by its fields. */
    recipe: z.record(z.string(), z.unknown()),
    name: z.string().max(120).optional(),
    /** Paths of the recipe count from here. */
    folder: z.string().optional(),
    /** Run folder; one below the workspace when left out. */
    out: z.string().optional(),
    /** Goes on with the run that is in `out`. */
    resume: z.boolean().optional(),
  }),
]);
export type TrainingSpec = z.infer<typeof trainingSpec>;
