/** Sweeps: grids of runs over one recipe. */
import { z } from "zod";
import { quantity, share } from "./quantity.ts";
import { recipe } from "./recipe.ts";
import { trainingRun, trainingState } from "./run.ts";

/** A grid of runs: a base recipe and axes; cells are keyed by the hash of their configuration. */
export const sweepSpec = z.strictObject({
  name: z.string(),
  recipe,
  axes: z.strictObject({
    /** "full", "lora" with a rank: `{ method: lora, lora: { rank: 4 } }`. */
    variants: z.array(recipe).min(1).optional(),
    seed: z.array(z.number().int()).min(1).optional(),
    noise: z.array(share).min(1).optional(),
    subset: z.array(z.number().int().positive()).min(1).optional(),
    learning_rate: z.array(z.number().positive()).min(1).optional(),
  }),
  /** Learning rates by method name, in place of one for all. */
  rates: z.record(z.string(), z.number().positive()).optional(),
  exclude: z.array(z.record(z.string(), z.unknown())).default([]),
  keep: z.enum(["all", "best", "spectra"]).default("all"),
  /** Files of items that every finished run is scored on: what it was trained for, and what the base could do. */
  tasks: z.array(z.strictObject({ file: z.string(), role: z.enum(["new", "retain"]).default("new") })).default([]),
});
export type SweepSpec = z.infer<typeof sweepSpec>;

export const sweepCell = z.object({
  sha: z.string(),
  variant: z.string(),
  seed: z.number().int(),
  noise: z.number(),
  subset: z.number().int().nullable(),
  learningRate: z.number(),
  run: trainingRun.nullable(),
  accuracy: quantity,
  oldTasks: quantity,
  intruders: quantity,
  effectiveRank: quantity,
  validationLoss: quantity,
});
export type SweepCell = z.infer<typeof sweepCell>;

export const sweepDocument = z.object({
  schema: z.literal("deltascope.sweep/1"),
  version: z.string(),
  id: z.string(),
  spec: sweepSpec,
  folder: z.string(),
  state: trainingState,
  cells: z.array(sweepCell),
  /** Means over seeds with 95 % intervals, one series per variant against an axis. */
  outcome: z.array(
    z.object({
      axis: z.enum(["noise", "examples", "rank"]),
      measure: z.enum(["accuracy", "oldTasks", "intruders", "effectiveRank"]),
      series: z.array(
        z.object({
          variant: z.string(),
          points: z.array(
            z.object({ x: z.number(), mean: z.number(), low: quantity, high: quantity, seeds: z.number().int() }),
          ),
        }),
      ),
    }),
  ),
  bestRates: z.array(z.object({ variant: z.string(), learningRate: z.number(), validationLoss: z.number() })),
});
export type SweepDocument = z.infer<typeof sweepDocument>;

/** A sweep in short, for lists. */
export const sweepSummary = sweepDocument
  .pick({ id: true, folder: true, state: true })
  .extend({ name: z.string(), askedAt: z.string(), cells: z.number().int(), finished: z.number().int() });
export type SweepSummary = z.infer<typeof sweepSummary>;

/** The same for a sweep; asking again goes on with what its folder does not hold yet. */
export const newSweep = z.strictObject({
  sweep: sweepSpec,
  /** Paths of its recipe count from here. */
  folder: z.string().optional(),
  /** Folder of the sweep; one below the workspace when left out. */
  out: z.string().optional(),
});
export type NewSweep = z.infer<typeof newSweep>;
export const sweepJobSpec = z.union([z.strictObject({ id: z.string() }), newSweep]);
export type SweepJobSpec = z.infer<typeof sweepJobSpec>;
