/** Modules as rows of scalars, for heatmaps and tables: a page of numbers, never a matrix. */
import { z } from "zod";
import { errorDocument } from "../errors.ts";
import { role } from "./checkpoint.ts";

const quantity = z.number().nullable();

/** One run × module without its lists. */
export const moduleRow = z.object({
  analysis: z.string(),
  name: z.string(),
  layer: z.number().int().nullable(),
  kind: z.string(),
  group: role.shape.group,
  expert: z.number().int().nullable(),
  shape: z.tuple([z.number(), z.number()]),
  status: z.enum(["measured", "failed"]),
  error: z.string().nullable(),
  /** Code of that error. */
  errorCode: errorDocument.shape.code.nullable(),
  frobenius: quantity,
  spectral: quantity,
  relative: quantity,
  stableRank: quantity,
  entropyRank: quantity,
  participation: quantity,
  energy50: quantity,
  energy90: quantity,
  energy95: quantity,
  energy99: quantity,
  /** Decay law of ΔW's values and its power-law exponent; null where no fit was made. */
  decayLaw: z.string().nullable(),
  decayExponent: quantity,
  unchangedShare: quantity,
  roundingVerdict: z.string().nullable(),
  /** Bounds of the best cosine of the top k vectors of each asked side: decides any ε and any smaller k. */
  bounds: z.object({
    left: z
      .object({ lower: z.array(z.number()), upper: z.array(z.number()), deltaShare: z.array(z.number()) })
      .nullable(),
    right: z
      .object({ lower: z.array(z.number()), upper: z.array(z.number()), deltaShare: z.array(z.number()) })
      .nullable(),
  }),
  intruders: z.number().int().nullable(),
  undecided: z.number().int().nullable(),
  intruderEnergy: quantity,
  pressure: quantity,
  method: z.string().nullable(),
  decisionMethod: z.string().nullable(),
  seconds: z.number(),
});
export type ModuleRow = z.infer<typeof moduleRow>;

/** A run as the app shows it: one question (tuned source × base × settings) of the workspace. */
export const appRun = z.object({
  /** Short id for addresses: the first 12 hex digits of the question's hash. */
  id: z.string(),
  analysis: z.string(),
  letter: z.string(),
  label: z.string(),
  kind: z.enum(["adapter", "full"]),
  /** "LoRA r=16 · α 32", "full fine-tune · BF16": one detail beside the name. */
  detail: z.string(),
  path: z.string(),
  base: z.object({
    path: z.string(),
    label: z.string(),
    fingerprint: z.string(),
    dtype: z.string(),
    layers: z.number().int(),
  }),
  k: z.number().int(),
  epsilon: z.number(),
  side: z.enum(["left", "right", "both"]),
  asMerged: z.boolean(),
  /** Modules stored and modules that the pairing holds. */
  modules: z.number().int(),
  total: z.number().int(),
  /** Kinds of modules that were asked for, inside and outside the layers; only where modules are still missing. */
  planned: z.object({ layered: z.array(z.string()), outside: z.array(z.string()) }).optional(),
  state: z.enum(["waiting", "running", "finished", "partial"]),
});
export type AppRun = z.infer<typeof appRun>;

/** E(k) of one module at log-spaced k, for small multiples. */
export const energyCurve = z.object({
  name: z.string(),
  layer: z.number().int().nullable(),
  kind: z.string(),
  /** Length of the spectrum. */
  size: z.number().int(),
  k: z.array(z.number().int()),
  energy: z.array(z.number()),
  k90: z.number().nullable(),
  /** Entropy rank on σ² instead of σ: exp of the entropy of σ² / Σσ². */
  entropySquared: quantity,
});
export type EnergyCurve = z.infer<typeof energyCurve>;

/** The exact view of one module: full spectra and |cosines| of the top of W with base vectors, row by row. */
export const cosineMap = z.object({
  side: z.enum(["left", "right"]),
  /** Rows: top vectors of W; columns: base vectors. */
  rows: z.number().int(),
  columns: z.number().int(),
  /** rows × columns as base64 of little-endian float32. */
  cosines: z.string(),
  /** Best |cosine| of each row over all base vectors. */
  best: z.array(z.number()),
  base: z.array(z.number()),
  tuned: z.array(z.number()),
  seconds: z.number(),
});
export type CosineMap = z.infer<typeof cosineMap>;
