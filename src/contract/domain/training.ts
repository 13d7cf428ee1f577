/**
 * Fine-tunes: the run configuration (one JSON document, read by the trainer with the same rules), what the trainer
 * reports, and sweeps. Field names are those of the trainer's protocol, so they are in snake case.
 */
import { z } from "zod";
import { alert } from "../alerts.ts";
import { errorDocument } from "../errors.ts";

export const trainingMethod = z.enum(["full", "lora", "rslora", "dora", "pissa", "olora", "qlora", "lora+"]);
export type TrainingMethod = z.infer<typeof trainingMethod>;

export const dataFormat = z.enum(["alpaca", "chat", "pairs", "choice", "csv", "tsv", "parquet"]);

export const dataFile = z.strictObject({
  path: z.string(),
  format: dataFormat,
  split: z.enum(["train", "validation"]).default("train"),
  /** Columns of a table by the field they hold: `{ instruction: "question" }`. */
  columns: z.record(z.string(), z.string()).optional(),
});

const share = z.number().min(0).max(1);

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
  device: z.string().default("auto"),
  threads: z.number().int().positive().nullable().default(null),
  limits: z
    .strictObject({
      minutes: z.number().positive().nullable().default(null),
      non_finite: z.enum(["stop", "skip"]).default("stop"),
    })
    .prefault({}),
});
export type RunConfig = z.infer<typeof runConfig>;

/** A recipe: a preset by name, and what differs from it. Nothing is filled in: what is absent is the preset's. */
export type Recipe = DeepPartial<z.input<typeof runConfig>> & { preset?: string | undefined };
type DeepPartial<T> = T extends readonly unknown[] ? T : T extends object ? { [K in keyof T]?: DeepPartial<T[K]> } : T;

const recipeFields = withoutDefaults(runConfig).extend({ preset: z.string().optional() });
export const recipe = recipeFields as unknown as z.ZodType<Recipe, Recipe>;

/** Where a value comes from; ours are never said to be the paper's. */
export const valueSource = z.enum(["paper", "ours", "library"]);
export type ValueSource = z.infer<typeof valueSource>;

/** What people read of a recipe, and what chooses its values. */
export const recipeNotes = z.object({
  title: z.string().max(120).optional(),
  description: z.string().max(2000).optional(),
  /** Published figures for comparison, in words with their source. */
  reference: z.string().max(2000).optional(),
  /** Dotted fields by where their value comes from; the others are ours. */
  sources: z.partialRecord(valueSource, z.array(z.string())).optional(),
  /** Learning rates by `full` and by rank (`r4`), where the recipe names none; a rank between takes the next below. */
  rates: z.record(z.string(), z.number().positive()).optional(),
});

/** A recipe as a file, also those that come with the program. */
export const recipeFile = recipeFields.extend(recipeNotes.shape);

/** The same object with every field optional and no default: what was not written stays absent. */
function withoutDefaults(schema: z.ZodObject): z.ZodObject {
  const entries = Object.entries(schema.shape).map(([name, field]) => {
    const bare = unwrapped(field as z.ZodType);
    return [name, (bare instanceof z.ZodObject ? withoutDefaults(bare) : bare).optional()] as const;
  });
  return z.strictObject(Object.fromEntries(entries));
}

function unwrapped(field: z.ZodType): z.ZodType {
  const hasDefault = field instanceof z.ZodDefault || field instanceof z.ZodPrefault;
  return hasDefault ? unwrapped(field.unwrap() as z.ZodType) : field;
}

/** A named set of values, with where each value comes from: the paper, or our own choice. */
export const preset = z.object({
  name: z.string(),
  title: z.string(),
  description: z.string(),
  /** As in a recipe: nested, with what the preset sets and nothing else. */
  values: z.record(z.string(), z.unknown()),
  /** Of every set value, by dotted field. */
  sources: z.record(z.string(), valueSource),
  /** Learning rates by `full` and by rank (`r4`). */
  rates: z.record(z.string(), z.number()),
  /** Published figures for comparison, in words with their source. */
  reference: z.string().nullable(),
});
export type Preset = z.infer<typeof preset>;

/** Something about one field of a recipe; a run starts only without errors. */
export const fieldProblem = z.object({
  /** Dotted: `lora.rank`, `data.files.0.path`; empty for the whole recipe. */
  field: z.string(),
  message: z.string(),
  level: z.enum(["error", "warning"]),
  /** Line of the recipe's text, where it was read from text. */
  line: z.number().int().nullable(),
});
export type FieldProblem = z.infer<typeof fieldProblem>;

/** What to read a recipe from: its values, its text, or its file. Paths in it count from `folder` or from the file. */
export const recipeQuestion = z.union([
  z.strictObject({ recipe: z.record(z.string(), z.unknown()), folder: z.string().optional() }),
  z.strictObject({ text: z.string(), folder: z.string().optional() }),
  z.strictObject({ file: z.string() }),
]);
export type RecipeQuestion = z.infer<typeof recipeQuestion>;

/** A recipe with everything filled in, and what keeps it from starting. */
export const recipeResolution = z.object({
  /** null while values are of a wrong kind. `run_id` is a proposal. */
  config: runConfig.nullable(),
  /** The same for a form: what is filled in so far, with an empty `base.path` and no `data.files` while they are open. */
  values: z.record(z.string(), z.unknown()),
  /** The recipe as read, with absolute paths where its folder is known, for a form to go on with. */
  recipe: z.record(z.string(), z.unknown()),
  preset: z.string().nullable(),
  /** Dotted fields whose value is not the preset's. */
  differs: z.array(z.string()),
  /** Of every dotted field: where its value comes from; "recipe" for what this recipe sets. */
  sources: z.record(z.string(), z.enum([...valueSource.options, "recipe"])),
  problems: z.array(fieldProblem),
  /** The recipe as a file. */
  text: z.string(),
});
export type RecipeResolution = z.infer<typeof recipeResolution>;

/** Lines of the trainer, protocol version 1; unknown types and fields are ignored by readers. */
const line = { v: z.number().int(), seq: z.number().int(), t: z.number() };
const quantity = z.number().nullable();
export const trainerEvent = z.discriminatedUnion("type", [
  z.object({
    ...line,
    type: z.literal("hello"),
    protocol: z.number().int(),
    pid: z.number().int(),
    version: z.string(),
  }),
  z.object({
    ...line,
    type: z.literal("env"),
    versions: z.record(z.string(), z.string()),
    device: z.string(),
    device_name: z.string(),
    memory: quantity,
    bf16: z.boolean(),
    threads: z.number().int(),
  }),
  z.object({
    ...line,
    type: z.literal("plan"),
    rows: z.number().int(),
    steps: z.number().int(),
    steps_per_epoch: z.number().int(),
    trainable: z.number(),
    total: z.number(),
    tokens_per_epoch: z.number(),
    memory: z.record(z.string(), z.number()),
    config: z.unknown(),
  }),
  z.object({ ...line, type: z.literal("started"), steps: z.number().int(), resumed_from: z.number().int() }),
  z.object({
    ...line,
    type: z.literal("progress"),
    step: z.number().int(),
    steps: z.number().int(),
    epoch: z.number(),
    loss: quantity,
    lr: quantity,
    /** Before clipping. */
    grad_norm: quantity,
    /** Real tokens so far, without padding. */
    tokens: z.number(),
    tps: quantity,
    eta_s: quantity,
    gpu: z.object({ used: z.number(), reserved: z.number(), peak: z.number() }).nullable(),
    rss: z.number(),
  }),
  z.object({
    ...line,
    type: z.literal("eval"),
    step: z.number().int(),
    task: z.string(),
    n: z.number().int(),
    accuracy: quantity,
    mean_logprob: quantity,
    loss: quantity,
  }),
  z.object({
    ...line,
    type: z.literal("checkpoint"),
    step: z.number().int(),
    path: z.string(),
    bytes: z.number(),
    config_sha: z.string(),
  }),
  z.object({
    ...line,
    type: z.literal("warning"),
    code: z.string(),
    message: z.string(),
    details: z.unknown().optional(),
  }),
  z.object({ ...line, type: z.literal("heartbeat"), phase: z.string() }),
  z.object({
    ...line,
    type: z.literal("error"),
    code: z.string(),
    message: z.string(),
    details: z.unknown().optional(),
    step: z.number().int().nullable(),
    retryable: z.boolean(),
  }),
  z.object({ ...line, type: z.literal("cancelled"), step: z.number().int(), checkpoint: z.string().nullable() }),
  z.object({
    ...line,
    type: z.literal("done"),
    step: z.number().int(),
    outputs: z.array(z.object({ kind: z.string(), path: z.string(), sha256: z.string() })),
    final_loss: quantity,
    seconds: z.number(),
  }),
]);
export type TrainerEvent = z.infer<typeof trainerEvent>;

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

/** Everything the live page shows; series are thinned to about 1000 points. */
export const trainingHistory = z.object({
  run: trainingRun,
  progress: z.array(
    z.object({
      step: z.number().int(),
      loss: quantity,
      lr: quantity,
      grad_norm: quantity,
      tps: quantity,
      memory: quantity,
    }),
  ),
  evals: z.array(
    z.object({ step: z.number().int(), task: z.string(), n: z.number().int(), accuracy: quantity, loss: quantity }),
  ),
  checkpoints: z.array(z.object({ step: z.number().int(), path: z.string(), bytes: z.number() })),
  growth: z.array(growthPoint),
  warnings: z.array(z.object({ code: z.string(), message: z.string() })),
  etaSeconds: quantity,
  memoryEstimate: z.record(z.string(), z.number()).nullable(),
  peakMemory: quantity,
});
export type TrainingHistory = z.infer<typeof trainingHistory>;

/** One rendered row: text pieces with their tokens, and which of them are trained. */
export const previewRow = z.object({
  key: z.string(),
  line: z.number().int(),
  tokens: z.array(z.object({ text: z.string(), id: z.number().int(), trained: z.boolean() })),
  cut: z.boolean(),
  /** The answer after label noise, where it was flipped. */
  flippedFrom: z.string().nullable(),
});

export const dataPreview = z.object({
  rows: z.number().int(),
  training: z.number().int(),
  validation: z.number().int(),
  steps: z.number().int().nullable(),
  tokens: z.object({ median: z.number(), p95: z.number(), maximum: z.number(), answers: z.number() }),
  /** Counts of rows by token count. */
  histogram: z.array(z.object({ upTo: z.number().int(), rows: z.number().int() })),
  cutShare: z.number(),
  labels: z.array(z.object({ label: z.string(), rows: z.number().int(), flipped: z.number().int() })),
  examples: z.array(previewRow),
  /** Empty answers, over-long rows, leakage between training and evaluation, wrong labels, with row numbers. */
  checks: z.array(alert.extend({ lines: z.array(z.number().int()) })),
});
export type DataPreview = z.infer<typeof dataPreview>;

export const trainingDevice = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.enum(["cuda", "rocm", "mps", "cpu"]),
  memoryBytes: z.number(),
  freeBytes: z.number(),
  bf16: z.boolean(),
});
export type TrainingDevice = z.infer<typeof trainingDevice>;

export const memoryEstimate = z.object({
  method: trainingMethod,
  /** Bytes by part: weights, optimizer, kept inputs, peak, margin. */
  parts: z.record(z.string(), z.number()),
  totalBytes: z.number(),
  device: trainingDevice,
  fits: z.boolean(),
  /** The cheapest change that fits, as values to set, with a sentence. */
  remedy: z.object({ text: z.string(), values: z.record(z.string(), z.unknown()) }).nullable(),
  /** Other methods at the same settings. */
  others: z.array(z.object({ method: trainingMethod, totalBytes: z.number() })),
});
export type MemoryEstimate = z.infer<typeof memoryEstimate>;

export const trainingEnvironment = z.object({
  /** Interpreter in use; null when none is ready. */
  python: z.string().nullable(),
  managed: z.boolean(),
  ready: z.boolean(),
  packages: z.record(z.string(), z.string()),
  devices: z.array(trainingDevice),
  /** What is missing, each with the command that mends it. */
  problems: z.array(errorDocument),
});
export type TrainingEnvironment = z.infer<typeof trainingEnvironment>;

/** One event of making the managed environment; the last one is `finished`, or the stream fails. */
export const prepareEvent = z.discriminatedUnion("type", [
  /** `line` is a line of the installer as it came. */
  z.object({ type: z.literal("progress"), step: z.enum(["space", "python", "packages", "probe"]), line: z.string() }),
  z.object({ type: z.literal("finished"), environment: trainingEnvironment }),
]);
export type PrepareEvent = z.infer<typeof prepareEvent>;

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
