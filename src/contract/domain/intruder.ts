/** Intruder dimensions: top singular vectors of W whose best |cosine| with all base vectors is below ε. */
import { z } from "zod";

export const certificate = z.object({ lower: z.number(), upper: z.number() });

export const word = z.enum([
  "inherited",
  "new, partly aligned",
  "indistinguishable from random",
  "new, alignment not resolved",
]);

export const singularVector = z.object({
  index: z.number().int(),
  singularValue: z.number(),
  maxCosine: certificate,
  /** null when the bounds straddle ε. */
  intruder: z.boolean().nullable(),
  /** σ² / ‖W‖_F². */
  energyShare: z.number(),
  /** Share of ‖ΔW‖_F² that lies along this vector: ‖uᵀΔW‖² / ‖ΔW‖_F² (‖ΔW v‖² for right vectors). */
  deltaShare: z.number(),
  /** P(max |cosine| > c) for a random direction of this width, at the lower bound. */
  pValue: z.number(),
  word,
  /** Energy inside the span of the top k base vectors. */
  spanEnergy: z.number(),
  /** Base vector that reaches the lower bound, where known. */
  bestIndex: z.number().int().nullable(),
});
export type SingularVector = z.infer<typeof singularVector>;

export const decision = z.object({
  method: z.enum(["matched", "lanczos", "exact"]),
  steps: z.number().int(),
  degenerate: z.boolean(),
  climbed: z.array(z.string()),
});

export const sideMeasures = z.object({
  vectors: z.array(singularVector),
  intruders: z.number().int(),
  undecided: z.number().int(),
  /** Share of ‖ΔW‖_F² that lies along the intruders. */
  intruderEnergy: z.number(),
  decision,
  /** counts[i][j]: intruders at epsilons[i] among the first ks[j]; undecided counted apart. */
  grid: z.object({
    epsilons: z.array(z.number()),
    ks: z.array(z.number().int()),
    counts: z.array(z.array(z.number().int())),
    undecided: z.array(z.array(z.number().int())),
  }),
});
export type SideMeasures = z.infer<typeof sideMeasures>;
