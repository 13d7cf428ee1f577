/** Changes to a tuned model after training: interventions on intruders, merging, averaging, extraction. */
import { z } from "zod";
import { alert } from "../alerts.ts";
import { errorDocument } from "../errors.ts";

/**
 * What is done to the chosen modules. `scale` is the intervention W + (λ − 1)·σ·u·vᵀ; the others are its controls:
 * `step` shrinks the whole ΔW by a step of the same length, `shrink` scales ΔW to the same norm, `rescaled` brings the
 * scaled ΔW back to its first norm, `interpolate` is W0 + λ·ΔW (WiSE-FT: of everything that changed, unless modules are
 * named), `neighbour` scales the nearest vector that is none.
 */
export const arm = z.enum(["scale", "step", "shrink", "rescaled", "interpolate", "neighbour"]);
export type Arm = z.infer<typeof arm>;

/** Vectors of W chosen by hand: places in the falling order of singular values, from 0. */
export const chosenVectors = z.object({ module: z.string(), vectors: z.array(z.number().int().min(0)).min(1) });

/** `strongest`: the intruder with the largest σ of each module (the paper); `all`: every intruder (PEFT's tool). */
export const which = z.union([z.enum(["strongest", "all"]), z.array(chosenVectors).min(1)]);
export type Which = z.infer<typeof which>;

export const intervention = z.object({
  arm: arm.default("scale"),
  /** Factor on the chosen vectors: 1 as trained, 0 removed. */
  lambda: z.number().min(0).max(2),
  which: which.default("strongest"),
  /** The intruder test that chooses: top k, threshold ε, left vectors. */
  k: z.number().int().min(1).max(256).default(10),
  epsilon: z.number().gt(0).lt(1).default(0.5),
  /** Names of the modules that may change; all when left out. */
  modules: z.array(z.string()).optional(),
});
export type Intervention = z.infer<typeof intervention>;

/** One vector of W as the closed forms of the arms need it. */
export const editVector = z.object({
  index: z.number().int(),
  singularValue: z.number(),
  /** uᵀ·ΔW·v. */
  deltaOverlap: z.number(),
  /** null when the bounds straddle ε. */
  intruder: z.boolean().nullable(),
});
export type EditVector = z.infer<typeof editVector>;

/** Numbers of one module from which every arm's size follows at any λ, without touching the weights again. */
export const editGeometry = z.object({
  module: z.string(),
  baseFrobenius: z.number(),
  deltaFrobenius: z.number(),
  /** The top k vectors of W, falling, with some below them that may move up. */
  vectors: z.array(editVector),
});
export type EditGeometry = z.infer<typeof editGeometry>;

/** Sizes of one arm over the modules in scope: those that hold chosen vectors, not the whole run. */
export const armOutcome = z.object({
  arm,
  lambda: z.number(),
  modules: z.number().int(),
  vectors: z.number().int(),
  /** ‖ΔW′‖_F / ‖W0‖_F over the modules in scope. */
  relative: z.number(),
  /** ‖W′ − W‖_F. */
  step: z.number(),
  /** Intruders left in the modules in scope; null where not measured. */
  intruders: z.number().int().nullable(),
});
export type ArmOutcome = z.infer<typeof armOutcome>;

/** How a written file differs from what was meant. */
export const writtenModule = z.object({
  module: z.string(),
  rank: z.number().int().nullable(),
  /** ‖ΔW_read − ΔW_intended‖ / ‖ΔW_intended‖; for a type narrower than the edit this is its rounding. */
  error: z.number().nullable(),
  /** For factors of bounded rank: the error that the spectrum of ΔW promised (Eckart and Young), relative as `error`. */
  predicted: z.number().optional(),
});

/** What an edit wrote, after it was read back and verified. */
export const editOutcome = z.object({
  kind: z.enum(["adapter", "full"]),
  folder: z.string(),
  files: z.array(z.object({ name: z.string(), bytes: z.number(), sha256: z.string() })),
  dtype: z.string(),
  /** All modules written, those that stay as trained included. */
  modules: z.array(writtenModule),
  /** How many of them an intervention changed; null for other edits. */
  edited: z.number().int().nullable(),
  /** ‖ΔW_read − ΔW_intended‖_F / ‖ΔW_intended‖_F over all modules; for averages of checkpoints W in place of ΔW. */
  error: z.number(),
  /** Share of the intended ΔW that rounding to the storage type left out, for merges; else null. */
  roundingLoss: z.number().nullable(),
  seconds: z.number(),
});
export type EditOutcome = z.infer<typeof editOutcome>;

const output = { out: z.string(), overwrite: z.boolean().default(false) };

export const editDtype = z.enum(["source", "F32", "BF16", "F16"]);

/** One edit as plain data. `tuned` is a path; `base` may be left out where the adapter's own hint resolves. */
export const editSpec = z.discriminatedUnion("edit", [
  z.object({
    edit: z.literal("intervene"),
    base: z.string().optional(),
    tuned: z.string(),
    intervention,
    /** Regular expression on module names, in place of `intervention.modules`. */
    pattern: z.string().optional(),
    /** Write a full checkpoint also where an adapter would do. */
    full: z.boolean().default(false),
    /** Element type of a full checkpoint; that of the source when left out. */
    dtype: editDtype.optional(),
    /** Bring an edited adapter back to this rank; the error is reported. */
    rank: z.number().int().positive().optional(),
    ...output,
  }),
  z.object({
    edit: z.literal("extract-lora"),
    base: z.string(),
    tuned: z.string(),
    rank: z.number().int().positive().optional(),
    /** Least share of Σσ² that each module keeps, in place of a rank. */
    energy: z.number().gt(0).max(1).optional(),
    modules: z.string().optional(),
    ...output,
  }),
  z.object({
    edit: z.literal("average"),
    base: z.string().optional(),
    /** Checkpoints or adapters of one run. */
    members: z.array(z.string()).min(2),
    weights: z.array(z.number()).optional(),
    /** Brings an average of adapters, whose rank is the sum of theirs, back to this rank; the error is reported. */
    rank: z.number().int().positive().optional(),
    ...output,
  }),
  z.object({
    edit: z.literal("merge"),
    base: z.string().optional(),
    tuned: z.string(),
    dtype: editDtype.default("source"),
    ...output,
  }),
]);
export type EditSpec = z.infer<typeof editSpec>;

/** The document of `intervene`, `extract-lora`, `average` and `merge` with `--json`. */
export const editDocument = z.object({
  schema: z.literal("deltascope.edit/1"),
  version: z.string(),
  spec: editSpec,
  outcome: editOutcome,
  /** Arms of an intervention, for comparison; empty for other edits. */
  arms: z.array(armOutcome),
  alerts: z.array(alert),
  error: errorDocument.nullable(),
});
export type EditDocument = z.infer<typeof editDocument>;
