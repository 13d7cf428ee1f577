/** The intruder test at another k, ε or side: the stored bounds decide again, nothing is computed from weights. */
import type { ModuleMeasures } from "../../contract/domain/analysis.ts";
import type { SideMeasures, SingularVector } from "../../contract/domain/intruder.ts";
import { isIntruder, wordFor } from "../analysis/measures/intruders.ts";
import { randomDirectionPValues } from "../linalg/statistics.ts";

export interface TestSettings {
  /** Top vectors to test; no more than are stored. */
  k: number;
  epsilon: number;
  side: "left" | "right";
}

/** The module with the test's numbers at these settings; a side that was not measured leaves it untested. */
export function redecide(module: ModuleMeasures, { k, epsilon, side }: TestSettings): ModuleMeasures {
  const stored = module.sides[side];
  if (!stored) {
    return { ...module, vectors: null, intruders: null, intruderEnergy: null, undecided: null, decision: null };
  }
  const decided = decideSide(stored, module.shape, side, k, epsilon);
  const { vectors, intruders, intruderEnergy, undecided, decision } = decided;
  return {
    ...module,
    vectors,
    intruders,
    intruderEnergy,
    undecided,
    decision,
    sides: { ...module.sides, [side]: decided },
  };
}

function decideSide(
  stored: SideMeasures,
  shape: readonly [number, number],
  side: TestSettings["side"],
  k: number,
  epsilon: number,
): SideMeasures {
  const width = side === "left" ? shape[0] : shape[1];
  const tested = stored.vectors.slice(0, k);
  const changed = tested.filter((vector) => decision(vector, epsilon) !== vector.intruder);
  const pUpper = pValuesAtUpper(changed, width, Math.min(...shape));
  const vectors = tested.map((vector) => decideVector(vector, epsilon, pUpper.get(vector.index)));
  const intruders = vectors.filter(({ intruder }) => intruder === true);
  return {
    ...stored,
    vectors,
    intruders: intruders.length,
    undecided: vectors.filter(({ intruder }) => intruder === null).length,
    intruderEnergy: intruders.reduce((sum, { deltaShare }) => sum + deltaShare, 0),
  };
}

function decision({ maxCosine }: SingularVector, epsilon: number): boolean | null {
  return isIntruder(maxCosine.lower, maxCosine.upper, epsilon);
}

/** Chance of so high a cosine at the upper bound, which is not stored and needed only where a decision changes. */
function pValuesAtUpper(vectors: readonly SingularVector[], width: number, count: number): Map<number, number> {
  if (vectors.length === 0) return new Map();
  const upper = Float64Array.from(vectors, ({ maxCosine }) => maxCosine.upper);
  const values = randomDirectionPValues(width, count, upper);
  return new Map(vectors.map(({ index }, place) => [index, values[place] ?? 0]));
}

function decideVector(vector: SingularVector, epsilon: number, pUpper: number | undefined): SingularVector {
  if (pUpper === undefined) return vector;
  const intruder = decision(vector, epsilon);
  return { ...vector, intruder, word: wordFor(intruder, vector.pValue, pUpper) };
}
