/** The tested vectors of one module at the k, ε and side of the address, from stored bounds and the exact view. Pure. */
import { isIntruder } from "../../../../src/contract/decide.ts";
import type { ModuleMeasures } from "../../../../src/contract/domain/analysis.ts";
import type { CosineMap } from "../../../../src/contract/domain/cells.ts";
import type { SideMeasures, SingularVector } from "../../../../src/contract/domain/intruder.ts";

export interface TestSettings {
  k: number;
  epsilon: number;
  side: "left" | "right";
}

export interface TestedVector {
  /** Rank in W, from 1. */
  rank: number;
  singularValue: number;
  lower: number;
  upper: number;
  /** Undefined: the bounds straddle ε. */
  intruder: boolean | undefined;
  /** Base vector (from 1) that reaches the lower bound. */
  bestBase: number | undefined;
  /** Share of ‖ΔW‖² along the vector. */
  share: number | undefined;
  pValue: number | undefined;
  word: SingularVector["word"] | undefined;
  /** The exact view decided, not the bounds. */
  exact: boolean;
}

export interface Tested {
  settings: TestSettings;
  vectors: readonly TestedVector[];
  /** Vectors tested; fewer than k where fewer are known. */
  count: number;
  intruders: readonly TestedVector[];
  undecided: number;
  /** Share of ‖ΔW‖² along the intruders; undefined where a share is not known. */
  energy: number | undefined;
  /** How the bounds were made; undefined where only the exact view knows this side. */
  decision: SideMeasures["decision"] | undefined;
}

/** Undefined: this side was not tested and no exact view of it is stored. */
export function testedVectors(
  module: ModuleMeasures,
  settings: TestSettings,
  map: CosineMap | null | undefined,
): Tested | undefined {
  const stored = module.sides[settings.side];
  const exact = map?.side === settings.side ? map : undefined;
  const known = stored ? storedVectors(stored, settings, exact) : exact && exactVectors(exact, settings);
  if (!known) return undefined;
  const vectors = known.slice(0, settings.k);
  const intruders = vectors.filter(({ intruder }) => intruder === true);
  return {
    settings,
    vectors,
    count: vectors.length,
    intruders,
    undecided: vectors.filter(({ intruder }) => intruder === undefined).length,
    energy: sumOfShares(intruders),
    decision: stored?.decision,
  };
}

function storedVectors(
  { vectors }: SideMeasures,
  { epsilon }: TestSettings,
  exact: CosineMap | undefined,
): TestedVector[] {
  return vectors.map((vector) => {
    const { lower, upper } = vector.maxCosine;
    const byBounds = isIntruder(lower, upper, epsilon);
    const best = exact?.best[vector.index];
    const decidedExactly = byBounds === undefined && best !== undefined;
    return {
      rank: vector.index + 1,
      singularValue: vector.singularValue,
      lower: decidedExactly ? best : lower,
      upper: decidedExactly ? best : upper,
      intruder: decidedExactly ? best < epsilon : byBounds,
      bestBase: vector.bestIndex === null ? undefined : vector.bestIndex + 1,
      share: vector.deltaShare,
      pValue: vector.pValue,
      word: vector.word,
      exact: decidedExactly,
    };
  });
}

/** A side that the run did not test: the exact view still knows its cosines, but no shares. */
function exactVectors({ best, tuned }: CosineMap, { epsilon }: TestSettings): TestedVector[] {
  return best.map((cosine, index) => ({
    rank: index + 1,
    singularValue: tuned[index] ?? 0,
    lower: cosine,
    upper: cosine,
    intruder: cosine < epsilon,
    bestBase: undefined,
    share: undefined,
    pValue: undefined,
    word: undefined,
    exact: true,
  }));
}

function sumOfShares(vectors: readonly TestedVector[]): number | undefined {
  let sum = 0;
  for (const { share } of vectors) {
    if (share === undefined) return undefined;
    sum += share;
  }
  return sum;
}

/** The lowest best cosine among the tested vectors, by its lower bound. */
export function weakestMatch({ vectors }: Tested): number | undefined {
  return vectors.length === 0 ? undefined : Math.min(...vectors.map(({ lower }) => lower));
}
