/** How much a fine-tune forgot, whether that is more than noise, and what interventions do. */
import { z } from "zod";
import { alert } from "../alerts.ts";
import { errorDocument } from "../errors.ts";
import { arm, armOutcome, which } from "./edit.ts";
import { evaluationSettings, taskRole, taskSpec } from "./evaluation.ts";
import { finding } from "./finding.ts";

export const auditSpec = z.object({
  base: z.string(),
  tuned: z.array(z.object({ label: z.string(), path: z.string() })).min(1),
  tasks: z.array(taskSpec).min(1),
  settings: evaluationSettings,
  /** λ grid of the sweep; empty or [1]: no sweep. */
  lambdas: z.array(z.number().min(0).max(2)).default([]),
  arms: z.array(arm).default(["scale", "step"]),
  which: which.default("strongest"),
  k: z.number().int().min(1).max(256).default(10),
  epsilon: z.number().gt(0).lt(1).default(0.5),
  /** The tuned list is one chain of fine-tunes, each starting from the one before. */
  sequence: z.boolean().default(false),
  threads: z.number().int().min(1).optional(),
});
export type AuditSpec = z.infer<typeof auditSpec>;

/** A tuned model on a task against the base (or another reference), over the same items. */
export const auditRow = z.object({
  label: z.string(),
  task: z.string(),
  role: taskRole,
  metric: z.enum(["acc", "acc_norm", "bits_per_byte"]),
  lambda: z.number(),
  arm,
  /** Items scored on both sides. */
  items: z.number().int(),
  /** null for perplexity tasks; `value` and `baseValue` hold bits per byte there. */
  acc: z.number().nullable(),
  baseAcc: z.number().nullable(),
  value: z.number(),
  baseValue: z.number(),
  difference: z.number(),
  /** Paired bootstrap over items (groups, documents); null with the reason in `note`. */
  ci95: z.tuple([z.number(), z.number()]).nullable(),
  /** Exact McNemar; null for perplexity tasks. */
  mcnemarP: z.number().nullable(),
  /** Holm over the family of this audit. */
  adjustedP: z.number().nullable(),
  /** Benjamini–Hochberg over the same family: for lists to look at, never for claims. */
  fdrP: z.number().nullable().optional(),
  lost: z.number().int().nullable(),
  gained: z.number().int().nullable(),
  /** Forgetting as a share of what the base had above chance: (base − tuned) / (base − chance). */
  chanceAdjusted: z.number().nullable(),
  /** Cohen's g of the flips, or the standardised paired difference for perplexity; positive where more was lost. */
  effectSize: z.number().nullable(),
  /** Smallest difference that so many items could have shown (80 % power). */
  detectable: z.number().nullable(),
  note: z.string().nullable(),
});
export type AuditRow = z.infer<typeof auditRow>;

export const flip = z.object({
  task: z.string(),
  index: z.number().int(),
  label: z.string(),
  lambda: z.number(),
  arm,
  kind: z.enum(["lost", "gained"]),
  /** Prediction of the base and of the tuned model. */
  from: z.number().int(),
  to: z.number().int(),
  /** Change of the right choice's log-likelihood, nats. */
  goldChange: z.number(),
  /** Margins in both below 1e-3. */
  nearTie: z.boolean(),
});
export type Flip = z.infer<typeof flip>;

/** All items of several tasks together, against the base. */
export const pooledScore = z.object({
  /** Accuracy. */
  value: z.number(),
  difference: z.number(),
  ci95: z.tuple([z.number(), z.number()]).nullable(),
  items: z.number().int().optional(),
  lost: z.number().int().optional(),
  gained: z.number().int().optional(),
  /** Mean of the tasks' differences, each task with the same weight. */
  macro: z.number().optional(),
});

/** One point of the λ sweep: all old tasks pooled against the new tasks. Points as trained have arm `scale`, λ 1. */
export const sweepPoint = z.object({
  label: z.string(),
  arm,
  lambda: z.number(),
  /** Pooled accuracy over all items of the old tasks, difference to the base, with its interval. */
  retention: pooledScore,
  newTask: pooledScore.nullable(),
  weights: armOutcome.nullable(),
  /** No other measured point of this run is at least as good on both sides and better on one. */
  pareto: z.boolean(),
});
export type SweepPoint = z.infer<typeof sweepPoint>;

/** Rank correlation of forgetting with one property of ΔW over all runs that have both. */
export const confound = z.object({
  property: z.enum(["intruders", "intruderEnergy", "deltaFrobenius"]),
  spearman: z.number().nullable(),
  /** Given the size of the update (for the size: given the intruder count). */
  partial: z.number().nullable(),
  n: z.number().int(),
  pValue: z.number().nullable(),
});
export type Confound = z.infer<typeof confound>;

/** A chain of fine-tunes: intruders of each stage against the first base and the stage before, and what it forgot. */
export const stageRow = z.object({
  stage: z.number().int(),
  label: z.string(),
  intrudersAgainstBase: z.number().int().nullable(),
  intrudersAgainstPrevious: z.number().int().nullable(),
  relativeDelta: z.number().nullable(),
  /** Accuracy on each task after this stage, by task name. */
  accuracy: z.record(z.string(), z.number()),
  /** Best accuracy of an earlier stage minus this one's, by task name. */
  forgetting: z.record(z.string(), z.number()),
  /** Exact McNemar against that best stage, Holm over all stages and tasks of the chain. */
  forgettingP: z.record(z.string(), z.number()).optional(),
});
export type StageRow = z.infer<typeof stageRow>;

export const auditDocument = z.object({
  schema: z.literal("deltascope.audit/1"),
  version: z.string(),
  startedAt: z.string(),
  seconds: z.number(),
  base: z.object({ path: z.string(), fingerprint: z.string() }),
  settings: evaluationSettings.extend({
    k: z.number().int(),
    epsilon: z.number(),
    threads: z.number().int(),
    bootstrapDraws: z.number().int(),
    bootstrapSeed: z.number().int(),
  }),
  /** Accuracy of the base on each task. */
  baseline: z.array(z.object({ task: z.string(), role: taskRole, value: z.number(), items: z.number().int() })),
  rows: z.array(auditRow),
  flips: z.array(flip),
  sweep: z.array(sweepPoint),
  confounds: z.array(confound),
  stages: z.array(stageRow),
  failures: z.array(z.object({ label: z.string(), path: z.string(), error: errorDocument })),
  findings: z.array(finding),
  alerts: z.array(alert),
});
export type AuditDocument = z.infer<typeof auditDocument>;
