/**
 * The run configuration: one JSON document, read by the trainer with the same rules. Field names are those of the
 * trainer's protocol, so they are in snake case.
 */
import { z } from "zod";
import { share } from "./quantity.ts";

export const trainingMethod = z.enum(["full", "lora", "rslora", "dora", "pissa", "olora", "qlora", "lora+"]);
export type TrainingMethod = z.infer<typeof trainingMethod>;

/** The last three are data sets as they are published; their rows become those of the recipes that have their names. */
export const dataFormat = z.enum([
  ...(["alpaca", "chat", "pairs", "choice", "csv", "tsv", "parquet"] as const),
  ...(["boolq", "commonsense_qa", "pubmedqa"] as const),
]);

export const dataFile = z.strictObject({
  /** A file; or a data set of the Hub's cache by its id, `owner/name`, whose files of this format are taken. */
  path: z.string(),
  format: dataFormat,
  split: z.enum(["train", "validation"]).default("train"),
  /** Columns of a table by the field they hold: `{ instruction: "question" }`. */
  columns: z.record(z.string(), z.string()).optional(),
});

/** What to train on; the answer is never cut, and labels are flipped in training rows only. */
export const trainingData = z.strictObject({
  files: z.array(dataFile).min(1),
  template: z.enum(["alpaca", "alpaca_short", "chat", "none"]).default("alpaca"),
  loss_on: z.enum(["answer", "all"]).default("answer"),
  /** Tokens. */
  cutoff: z.number().int().min(8).default(512),
  overlong: z.enum(["cut_prompt_left", "drop", "error"]).default("cut_prompt_left"),
  validation: share.max(0.5).default(0.05),
  subset: z.number().int().positive().nullable().default(null),
  subset_seed: z.number().int().min(0).default(0),
  noise: share.default(0),
  noise_seed: z.number().int().min(0).default(0),
  /** Closed set of answers; needed for noise. */
  labels: z.array(z.string()).min(2).nullable().default(null),
});

export const loraSettings = z.strictObject({
  rank: z.number().int().min(1).default(16),
  alpha: z.union([z.number().positive(), z.strictObject({ ratio: z.number().positive() })]).default({ ratio: 2 }),
  dropout: share.default(0),
  targets: z.union([z.literal("all-linear"), z.array(z.string()).min(1)]).default("all-linear"),
  init: z.enum(["default", "pissa", "pissa_niter_4", "olora", "orthogonal"]).default("default"),
  /** LoRA+: B learns this much faster than A. */
  plus_ratio: z.number().positive().nullable().default(null),
});

/** One fine-tune; schema 1. Exactly one of `epochs` and `max_steps` counts. Unknown keys are errors. */
export const runConfig = z.strictObject({
  schema: z.literal(1).default(1),
  run_id: z.string(),
  name: z.string().default(""),
  tags: z.array(z.string()).default([]),
  base: z.strictObject({ path: z.string(), sha256: z.string().nullable().default(null) }),
  data: trainingData,
  method: trainingMethod.default("lora"),
  lora: loraSettings.prefault({}),
  optimizer: z.enum(["adamw", "sgd"]).default("adamw"),
  /** null: 1e-4 for adapters, 1e-5 for full fine-tuning. */
  learning_rate: z.number().positive().nullable().default(null),
  betas: z.tuple([share, share]).default([0.9, 0.999]),
  eps: z.number().positive().default(1e-8),
  momentum: share.default(0.9),
  weight_decay: z.number().min(0).default(0.01),
  schedule: z.enum(["cosine", "linear", "constant"]).default("cosine"),
  /** Share of the steps. */
  warmup: share.default(0.03),
  epochs: z.number().positive().nullable().default(3),
  max_steps: z.number().int().positive().nullable().default(null),
  batch: z
    .strictObject({
      /** Sequences per step. */
      effective: z.number().int().positive().default(32),
      device: z.union([z.number().int().positive(), z.literal("auto")]).default("auto"),
    })
    .prefault({}),
  clip: z.number().positive().nullable().default(1),
  /** null: bf16 where supported, else fp32. */
  precision: z.enum(["bf16", "fp16", "fp32"]).nullable().default(null),
  attention: z.enum(["sdpa", "eager"]).default("sdpa"),
  activation_checkpointing: z.boolean().default(true),
  seed: z.number().int().min(0).default(1),
  save: z
    .strictObject({
      /** Steps; null: only at the end. */
      every: z.number().int().positive().nullable().default(200),
      keep: z.union([z.number().int().positive(), z.literal("all")]).default(2),
      /** null: adapter for adapters, full for full fine-tuning. */
      export: z.enum(["adapter", "full", "merged"]).nullable().default(null),
      dtype: z.enum(["fp32", "bf16"]).nullable().default(null),
    })
    .prefault({}),
  eval: z
    .strictObject({
      every: z.number().int().positive().nullable().default(null),
      tasks: z.array(z.string()).default([]),
    })
    .prefault({}),
  log: z.strictObject({ every: z.number().int().positive().default(1) }).prefault({}),
  /** `auto`, `cpu`, `mps`, `cuda:1`; of several together, which share each step: `cuda:0,1`, or `cpu:2` processes. */
  device: z.string().default("auto"),
  /**
   * Whether several devices divide weights, gradients and optimizer states among them in place of each holding all.
   * `auto`: where only a part fits.
   */
  sharding: z.enum(["auto", "none", "full"]).default("auto"),
  threads: z.number().int().positive().nullable().default(null),
  limits: z
    .strictObject({
      minutes: z.number().positive().nullable().default(null),
      non_finite: z.enum(["stop", "skip"]).default("stop"),
    })
    .prefault({}),
});
export type RunConfig = z.infer<typeof runConfig>;
