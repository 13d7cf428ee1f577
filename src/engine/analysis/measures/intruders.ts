/** From bounds of the best cosine to decisions, p-values, words and the sensitivity grid. */
import type { SideMeasures, SingularVector } from "../../../contract/domain/intruder.ts";
import type { SideAnswer, TopAnswer } from "../../linalg/backend.ts";
import { randomDirectionPValues } from "../../linalg/statistics.ts";

/** A direction is called new rather than random when chance gives so high a cosine this rarely. */
const newBelowPValue = 0.001;

export interface IntruderQuestion {
  epsilon: number;
  epsilons: readonly number[];
  ks: readonly number[];
}

/** @param shape [out, in]; left vectors live in out dimensions, right ones in in */
export function sideMeasures(
  answer: SideAnswer,
  tuned: TopAnswer,
  shape: readonly [number, number],
  question: IntruderQuestion,
): SideMeasures {
  const vectors = singularVectors(answer, tuned, shape, question.epsilon);
  const intruders = vectors.filter((vector) => vector.intruder === true);
  const { method, steps, degenerate, climbed } = answer;
  return {
    vectors,
    intruders: intruders.length,
    undecided: vectors.filter((vector) => vector.intruder === null).length,
    intruderEnergy: intruders.reduce((sum, vector) => sum + vector.deltaShare, 0),
    decision: { method, steps, degenerate, climbed },
    grid: sensitivityGrid(vectors, question),
  };
}

function singularVectors(
  answer: SideAnswer,
  tuned: TopAnswer,
  shape: readonly [number, number],
  epsilon: number,
): SingularVector[] {
  const width = answer.side === "left" ? shape[0] : shape[1];
  const baseVectors = Math.min(...shape);
  const pLower = randomDirectionPValues(width, baseVectors, answer.lower);
  const pUpper = randomDirectionPValues(width, baseVectors, answer.upper);
  const energy = tuned.frobenius ** 2;
  return Array.from(answer.lower, (lower, index) => {
    const upper = answer.upper[index] ?? 1;
    const singularValue = tuned.singularValues[index] ?? 0;
    const intruder = isIntruder(lower, upper, epsilon);
    const best = answer.best[index] ?? -1;
    return {
      index,
      singularValue,
      maxCosine: { lower, upper },
      intruder,
      energyShare: energy > 0 ? singularValue ** 2 / energy : 0,
      deltaShare: answer.deltaShare[index] ?? 0,
      pValue: pLower[index] ?? 1,
      word: wordFor(intruder, pLower[index] ?? 1, pUpper[index] ?? 0),
      spanEnergy: answer.spanEnergy[index] ?? 0,
      bestIndex: best < 0 ? null : best,
    };
  });
}

/** Intruder: the best cosine is below ε for certain; null when the bounds straddle ε. */
export function isIntruder(lower: number, upper: number, epsilon: number): boolean | null {
  if (lower >= epsilon) return false;
  return upper < epsilon ? true : null;
}

/** The p-value falls with the cosine, so the two bounds give its range; the word is only said where both agree. */
export function wordFor(intruder: boolean | null, pAtLower: number, pAtUpper: number): SingularVector["word"] {
  if (intruder === false) return "inherited";
  if (intruder === true && pAtLower < newBelowPValue) return "new, partly aligned";
  if (intruder === true && pAtUpper >= newBelowPValue) return "indistinguishable from random";
  return "new, alignment not resolved";
}

function sensitivityGrid(vectors: readonly SingularVector[], question: IntruderQuestion): SideMeasures["grid"] {
  const cells = question.epsilons.map((epsilon) =>
    question.ks.map((k) =>
      vectors.slice(0, k).map(({ maxCosine }) => isIntruder(maxCosine.lower, maxCosine.upper, epsilon)),
    ),
  );
  const count = (wanted: boolean | null) =>
    cells.map((row) => row.map((decisions) => decisions.filter((decision) => decision === wanted).length));
  return { epsilons: [...question.epsilons], ks: [...question.ks], counts: count(true), undecided: count(null) };
}
