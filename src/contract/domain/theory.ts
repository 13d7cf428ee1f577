/** The theory lab: risk of full fine-tuning and LoRA in the linear model, the paper's figures, advice. */
import { z } from "zod";
import { alert } from "../alerts.ts";

const size = z.number().int().min(1);
const quantity = z.number().nullable();
/** A number that is infinite or undefined is null. */
const series = z.array(quantity);

/** How sure a number of the theory is. */
export const theoryStatus = z.enum(["exact", "bound", "asymptotic", "approximation", "simulation"]);

/** Singular values of the task shift: random factors, a decaying spectrum, or measured values. */
export const shift = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("ba"), rank: size }),
  z.object({ kind: z.literal("exp"), decay: z.number(), scale: z.number().positive(), count: size.optional() }),
  z.object({ kind: z.literal("pow"), decay: z.number(), scale: z.number().positive(), count: size.optional() }),
  z.object({ kind: z.literal("given"), values: z.array(z.number()).min(1) }),
]);
export type Shift = z.infer<typeof shift>;

/** k outputs, d inputs, n samples, noise of deviation σ per output; ranges are checked by the numeric crate. */
export const theorySetting = z.object({ k: size, d: size, n: size, sigma: z.number() });

export const riskQuestion = theorySetting.extend({
  delta: shift,
  /** All ranks when left out. */
  ranks: z.array(z.number().int().min(0)).optional(),
  /** Replicates of a simulation beside the closed forms. */
  simulate: z.number().int().min(0).default(0),
  seed: z.number().int().min(0).default(0),
  /** Average of so many fits on independent data sets. */
  average: size.optional(),
  /** Eigenvalues of the input covariance along the shift's right singular vectors; isotropic when left out. */
  covariance: z.array(z.number()).optional(),
});
export type RiskQuestion = z.infer<typeof riskQuestion>;

const mean = z.object({ mean: z.number(), se: z.number(), sd: z.number() });

export const riskSimulation = z.object({
  replicates: z.number().int(),
  seed: z.number().int(),
  fft: mean,
  lora: z.array(mean.extend({ r: z.number().int() })),
  /** Mean over data sets of the proven upper bound on LoRA's risk; absent where none is known. Loose: often more than ten times the mean. */
  guarantee: z.array(mean.omit({ sd: true }).extend({ r: z.number().int() })).optional(),
});
export type RiskSimulation = z.infer<typeof riskSimulation>;

export const riskDocument = z.object({
  schema: z.literal("deltascope.theory.risk/1"),
  version: z.string(),
  question: riskQuestion,
  /** null where no closed form holds (n < d with a covariance). */
  fft: z.object({ risk: z.number(), bias: z.number(), variance: z.number(), status: theoryStatus }).nullable(),
  /** Risk of not training. */
  untrained: z.number(),
  /** min(k, n, d): from this rank on LoRA is full fine-tuning. */
  q: z.number().int(),
  /** Fast curve: an approximation. */
  curve: z.array(z.object({ r: z.number().int(), risk: z.number(), bias: z.number(), variance: z.number() })),
  /** Σ_{i>r} s_i²: no update of that rank does better. */
  lowerBound: z.array(z.number()),
  /** Strength from which a component is seen, and from which keeping it pays. */
  thresholds: z.object({ s_bbp: z.number(), s_inc: z.number() }),
  simulation: riskSimulation.nullable(),
  crossovers: z.object({
    sigma: z.array(z.object({ r: z.number().int(), sigma: quantity, firstOrder: quantity })),
    n: z.array(z.object({ r: z.number().int(), n: z.number() })),
  }),
  best: z.object({ r: z.number().int(), risk: z.number() }),
  alerts: z.array(alert),
});
export type RiskDocument = z.infer<typeof riskDocument>;

/** Closed forms along one axis. */
export const theorySweepQuestion = theorySetting.extend({
  delta: shift,
  ranks: z.array(z.number().int().min(0)).min(1).max(32),
  seed: z.number().int().min(0).default(0),
  axis: z.enum(["n", "sigma"]),
  x: z.array(z.number()).min(1).max(2000),
});
export const theorySweep = z.object({ fft: series, lora: z.array(series) });
export type TheorySweep = z.infer<typeof theorySweep>;

/** Means over random data at a list of places, one after the other. */
export const simulationQuestion = z.object({
  ...{ k: size, d: size, delta: shift },
  points: z
    .array(z.object({ n: size, sigma: z.number() }))
    .min(1)
    .max(64),
  ranks: z.array(size).min(1).max(32),
  replicates: z.number().int().min(1).max(10_000),
  seed: z.number().int().min(0).default(0),
});
export type SimulationQuestion = z.infer<typeof simulationQuestion>;

export const simulationEvent = z.object({
  type: z.literal("point"),
  /** Place in the list; without means where |n − d| ≤ 1, as the variance is infinite there. */
  index: z.number().int(),
  means: z.object({ fft: mean, lora: z.array(mean) }).nullable(),
});
export type SimulationEvent = z.infer<typeof simulationEvent>;

/** Spectrum of a stored ΔW without its noise floor, to stand in for the task shift. */
export const measuredSpectrum = z.object({
  run: z.string(),
  module: z.string(),
  /** [outputs, inputs] */
  shape: z.tuple([z.number().int(), z.number().int()]),
  /** Falling; those that are lost in the floor are left out. */
  values: z.array(z.number()),
  /** Singular values before, and deviation of the floor per entry. */
  measured: z.number().int(),
  tau: z.number(),
  /** Rank of the adapter; null for a full fine-tune. */
  rank: z.number().int().nullable(),
  /** Modules that have a ΔW; the middle one by participation ratio stands for all when none is named. */
  modules: z.array(z.string()),
});
export type MeasuredSpectrum = z.infer<typeof measuredSpectrum>;

/** Stored accuracies on a new task by rank, beside the order that the model predicts. */
export const measuredOrder = z.object({
  base: z.string(),
  task: z.string(),
  rows: z.array(
    z.object({
      label: z.string(),
      /** Id of the analysis. */
      analysis: z.string(),
      /** null: full fine-tuning. */
      r: z.number().int().nullable(),
      accuracy: z.number(),
      /** Wilson. */
      ci95: z.tuple([z.number(), z.number()]),
      items: z.number().int(),
      predictedRisk: z.number(),
      /** 1 is best; equal ones share the mean of their places. */
      predictedOrder: z.number(),
      measuredOrder: z.number(),
    }),
  ),
  /** Rank correlation of both orders with its permutation p; null below three runs. */
  spearman: quantity,
  pValue: quantity,
  /** Pairs of runs whose intervals are apart, and those of them that the prediction puts the same way round. */
  clearPairs: z.number().int(),
  agreeingPairs: z.number().int(),
  verdict: z.enum(["agree", "disagree", "unclear"]),
  sentence: z.string(),
});
export type MeasuredOrder = z.infer<typeof measuredOrder>;

export const measuredOrderQuestion = z.object({
  /** Run whose base is meant; the newest evaluated base when left out. */
  run: z.string().optional(),
  setting: theorySetting.extend({ delta: shift, seed: z.number().int().min(0).default(0) }),
});

export const figureName = z.enum(["1a", "1b", "10a", "10b", "11", "12", "power"]);
export type FigureName = z.infer<typeof figureName>;

export const figureDocument = z.object({
  schema: z.literal("deltascope.theory.figure/1"),
  version: z.string(),
  name: figureName,
  title: z.string(),
  replicates: z.number().int(),
  seed: z.number().int(),
  x: z.object({ label: z.string(), scale: z.enum(["linear", "log"]), values: z.array(z.number()) }),
  y: z.object({ label: z.string(), scale: z.literal("log"), range: z.tuple([z.number(), z.number()]) }),
  series: z.array(
    z.object({
      label: z.string(),
      /** null: full fine-tuning. */
      r: z.number().int().nullable(),
      mean: z.array(z.number()),
      sd: z.array(z.number()),
      se: z.array(z.number()),
      closed: z.array(z.number()),
    }),
  ),
  crossovers: z.array(z.object({ r: z.number().int(), x: z.number(), se: quantity })),
  /** Parameters chosen by us because the paper does not state them. */
  chosen: z.array(z.string()),
});
export type FigureDocument = z.infer<typeof figureDocument>;

/** Figures of several panels, one after the other. */
export const figuresDocument = z.object({
  schema: z.literal("deltascope.theory.figures/1"),
  version: z.string(),
  figures: z.array(figureDocument),
});

export const figureEvent = z.discriminatedUnion("type", [
  z.object({ type: z.literal("figure"), document: figureDocument, done: z.number(), total: z.number() }),
]);
export type FigureEvent = z.infer<typeof figureEvent>;

export const adviceQuestion = z.object({
  /** A stored run (id or label) with all or one of its modules, or a spectrum with the shape of its matrix. */
  source: z.union([
    z.object({ run: z.string(), module: z.string().optional() }),
    z.object({ spectrum: z.array(z.number()).min(1), k: size, d: size, tau: z.number().default(0) }),
  ]),
  /** Effective samples. */
  n: size,
  /** tr Σ_ε / ‖Δ⋆‖²; assumed when not calibrated. */
  rho: z.number().default(1),
  /** Parameters for all modules together. */
  budget: size.optional(),
  /** Replicates of a simulation at the true shape. */
  confirm: z.number().int().min(0).max(1000).default(0),
  seed: z.number().int().min(0).default(0),
});
export type AdviceQuestion = z.infer<typeof adviceQuestion>;

export const verdict = z.enum(["none", "full", "lora", "tie"]);
export type Verdict = z.infer<typeof verdict>;

/** Advice as the golden file names its fields. */
export const advice = z.object({
  E: z.number(),
  sigma: z.number(),
  q: z.number().int(),
  detected: z.number().int(),
  R0: z.number(),
  fft: z.number(),
  rank_best: z.number().int(),
  R_best: z.number(),
  rank_rec: z.number().int(),
  verdict,
  regime: z.enum(["over", "under"]),
  near: z.boolean(),
  noise_regime: z.enum(["strong", "weak"]),
  /** Offered ranks with their risk. */
  curve: z.record(z.string(), z.number()),
  useful: z.tuple([z.number().int(), z.number().int()]),
});

export const moduleAdvice = z.object({
  module: z.string(),
  shape: z.tuple([z.number().int(), z.number().int()]),
  tau: z.number(),
  advice,
  band: z.object({
    denoised: verdict,
    raw: verdict,
    ranks: z.tuple([z.number().int(), z.number().int()]),
    depends_on_tail: z.boolean(),
  }),
  uncertainty: z.object({
    ranks: z.tuple([z.number().int(), z.number().int()]),
    agreement: z.number(),
    runs: z.number().int(),
  }),
  /** Samples and noise ratio at which LoRA at the recommended rank and full fine-tuning change places. */
  flips: z.object({ n: quantity, rho: quantity }),
  /** Singular values neither clearly signal nor clearly noise. */
  near_floor: z.number().int(),
});
export type ModuleAdvice = z.infer<typeof moduleAdvice>;

export const adviceDocument = z.object({
  schema: z.literal("deltascope.theory.advice/1"),
  version: z.string(),
  question: adviceQuestion,
  /** The whole model, or the one module: relative risk ΣR[r] / ΣE at the offered ranks. */
  total: z.object({
    modules: z.number().int(),
    curve: z.array(z.object({ r: z.number().int(), risk: z.number(), bias: z.number(), variance: z.number() })),
    fft: z.number(),
    rank_best: z.number().int(),
    rank_rec: z.number().int(),
    useful: z.tuple([z.number().int(), z.number().int()]),
    verdict,
    confidence: z.enum(["low", "medium", "high"]),
    why: z.string(),
  }),
  modules: z.array(moduleAdvice),
  /** Modules without an answer, and why. */
  skipped: z.array(z.object({ module: z.string(), reason: z.string() })),
  /** Ranks under the budget, as peft's rank_pattern. */
  budget: z.object({ ranks: z.record(z.string(), z.number().int()), used: z.number(), gain: z.number() }).nullable(),
  confirmation: z.array(riskSimulation.extend({ module: z.string() })).nullable(),
  /** Rank of the adapter that serves as reference: it knows nothing beyond. */
  referenceRank: z.number().int().nullable(),
  /** Accuracies that the workspace has of several ranks on this base. */
  measured: measuredOrder.nullable(),
  /** What must stand beside the answer. */
  validity: z.array(z.string()),
});
export type AdviceDocument = z.infer<typeof adviceDocument>;

export const rankMap = z.object({
  n: z.array(size),
  rho: z.array(z.number()),
  /** Recommended rank for each ρ (rows) and n; null where there is no answer. */
  ranks: z.array(z.array(z.number().int().nullable())),
});
export type RankMap = z.infer<typeof rankMap>;
