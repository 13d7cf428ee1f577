/** What to measure, as plain data, and the document that answers it. */
import { z } from "zod";
import { alert } from "../alerts.ts";
import { errorDocument } from "../errors.ts";
import { adapterSummary } from "./adapter.ts";
import { checkpointSummary, role } from "./checkpoint.ts";
import { finding } from "./finding.ts";
import { decision, sideMeasures, singularVector } from "./intruder.ts";
import { pairingReport } from "./pair.ts";
import { deltaMeasures, rounding, topSpectrum } from "./spectrum.ts";

export const side = z.enum(["left", "right", "both"]);

/** Settings that change numbers; together with the two fingerprints they are the question. */
export const analysisSettings = z.object({
  k: z.number().int().min(1).max(256).default(10),
  epsilon: z.number().gt(0).lt(1).default(0.5),
  side: side.default("left"),
  quick: z.boolean().default(false),
  exact: z.boolean().default(false),
  asMerged: z.boolean().default(false),
  seed: z.number().int().min(0).default(0),
});
export type AnalysisSettings = z.infer<typeof analysisSettings>;

/** Everything a caller says: places, settings, and filters that only choose modules. */
export const analysisSpec = z.object({
  base: z.string().optional(),
  tuned: z.array(z.object({ label: z.string(), path: z.string() })).min(1),
  settings: analysisSettings,
  /** Regular expression on module names. */
  modules: z.string().optional(),
  layers: z.object({ from: z.number().int(), to: z.number().int() }).optional(),
  /** Count embeddings and head in the layer totals. */
  embeddings: z.boolean().default(false),
  threads: z.number().int().min(1).optional(),
  memoryBytes: z.number().int().positive().optional(),
});
export type AnalysisSpec = z.infer<typeof analysisSpec>;

export const moduleMeasures = z.object({
  name: z.string(),
  layer: z.number().int().nullable(),
  kind: z.string(),
  group: role.shape.group,
  expert: z.number().int().nullable(),
  shape: z.tuple([z.number(), z.number()]),
  status: z.enum(["measured", "failed"]),
  error: errorDocument.nullable(),
  delta: deltaMeasures.nullable(),
  rounding: rounding.nullable(),
  base: topSpectrum.nullable(),
  tuned: topSpectrum.nullable(),
  /** Vectors of the asked side (left when both). */
  vectors: z.array(singularVector).nullable(),
  intruders: z.number().int().nullable(),
  intruderEnergy: z.number().nullable(),
  undecided: z.number().int().nullable(),
  decision: decision.nullable(),
  sides: z.object({ left: sideMeasures.optional(), right: sideMeasures.optional() }),
  /** s₁(ΔW) / s_crit(k). */
  pressure: z.number().nullable(),
  criticalStrength: z.number().nullable(),
  seconds: z.number(),
});
export type ModuleMeasures = z.infer<typeof moduleMeasures>;

/** A 1-D tensor: norm scale or bias. */
export const vectorMeasures = z.object({
  name: z.string(),
  layer: z.number().int().nullable(),
  kind: z.string(),
  length: z.number().int(),
  frobenius: z.number(),
  relative: z.number().nullable(),
  unchangedShare: z.number().nullable(),
});
export type VectorMeasures = z.infer<typeof vectorMeasures>;

export const runTotals = z.object({
  modules: z.number().int(),
  failed: z.number().int(),
  intruders: z.number().int().nullable(),
  undecided: z.number().int().nullable(),
  modulesWithIntruders: z.number().int().nullable(),
  /** √Σ‖ΔW‖² over the measured modules; null when none was measured. */
  deltaFrobenius: z.number().nullable(),
  relativeDelta: z.number().nullable(),
  intruderEnergy: z.number().nullable(),
  meanEffectiveRank: z.number().nullable(),
});
export type RunTotals = z.infer<typeof runTotals>;

export const runDocument = z.object({
  label: z.string(),
  kind: z.enum(["adapter", "full"]),
  path: z.string(),
  fingerprint: z.string(),
  adapter: adapterSummary.nullable(),
  pairing: pairingReport,
  totals: runTotals,
  modules: z.array(moduleMeasures),
  vectors: z.array(vectorMeasures),
});
export type RunDocument = z.infer<typeof runDocument>;

/** How two adapters overlap in one module: cosines of the principal angles, falling, and the cosine of the two ΔW. */
export const moduleOverlap = z.object({
  name: z.string(),
  left: z.array(z.number()),
  right: z.array(z.number()),
  deltaCosine: z.number().nullable(),
});
export type ModuleOverlap = z.infer<typeof moduleOverlap>;
export const runOverlap = z.object({ first: z.string(), second: z.string(), modules: z.array(moduleOverlap) });
export type RunOverlap = z.infer<typeof runOverlap>;

export const analysisDocument = z.object({
  schema: z.literal("deltascope.analysis/1"),
  version: z.string(),
  startedAt: z.string(),
  seconds: z.number(),
  base: checkpointSummary,
  settings: analysisSettings.extend({ threads: z.number().int() }),
  /** Modules answered from the store and modules computed now. */
  provenance: z.object({ reused: z.number().int(), computed: z.number().int(), semantics: z.string() }),
  runs: z.array(runDocument),
  /** Runs that could not be opened or paired; the others went on. */
  failures: z.array(z.object({ label: z.string(), path: z.string(), error: errorDocument })),
  overlaps: z.array(runOverlap),
  findings: z.array(finding),
  alerts: z.array(alert.extend({ run: z.string().optional() })),
});
export type AnalysisDocument = z.infer<typeof analysisDocument>;
