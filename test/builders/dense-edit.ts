/** Interventions and their controls on dense matrices, by the words of their definition: the truth beside the engine's. */
import type { Arm } from "../../src/contract/domain/edit.ts";
import { type Matrix, zeros } from "./evaluate-statement.ts";
import { bestCosines, columnsOf, dot, thinSvd } from "./jacobi-svd.ts";

export interface DenseQuestion {
  arm: Arm;
  lambda: number;
  which: "strongest" | "all";
  k: number;
  epsilon: number;
}

/** Σ weight·matrix; all of one shape. */
export function sumOf(...terms: [number, Matrix][]): Matrix {
  const [first] = terms;
  if (first === undefined) throw new Error("nothing to add up");
  const sum = zeros(first[1].rows, first[1].columns);
  for (const [weight, { data }] of terms) {
    for (let i = 0; i < sum.data.length; i++) sum.data[i] = (sum.data[i] as number) + weight * (data[i] as number);
  }
  return sum;
}

export function normOf({ data }: Matrix): number {
  return Math.sqrt(dot(data, data));
}

/** ΔW′ of one matrix, or undefined where nothing is chosen. */
export function denseEdit(before: Matrix, after: Matrix, question: DenseQuestion): Matrix | undefined {
  const { arm, lambda } = question;
  const delta = sumOf([1, after], [-1, before]);
  if (arm === "interpolate") return sumOf([lambda, delta]);
  const svd = thinSvd(after);
  const best = bestCosines(thinSvd(before).left, svd.left, question.k);
  const tested = Array.from(best, (cosine, index) => ({ index, intruder: cosine < question.epsilon }));
  const intruders = tested.filter(({ intruder }) => intruder).map(({ index }) => index);
  const chosen = question.which === "all" ? intruders : intruders.slice(0, 1);
  if (chosen.length === 0) return undefined;
  const others = tested.filter(({ intruder }) => !intruder).map(({ index }) => index);
  const places = arm === "neighbour" ? nearest(chosen, others, svd.values) : chosen;
  const change = sumOf(
    [0, delta],
    ...places.map((index): [number, Matrix] => [
      (lambda - 1) * (svd.values[index] as number),
      outer(columnsOf(svd.left)[index] as Float64Array, columnsOf(svd.right)[index] as Float64Array),
    ]),
  );
  const scaled = sumOf([1, delta], [1, change]);
  const share = normOf(change) / normOf(delta);
  if (arm === "step") return sumOf([Math.max(0, lambda < 1 ? 1 - share : 1 + share), delta]);
  if (arm === "shrink") return sumOf([normOf(scaled) / normOf(delta), delta]);
  return arm === "rescaled" ? sumOf([normOf(delta) / normOf(scaled), scaled]) : scaled;
}

function nearest(chosen: readonly number[], others: readonly number[], values: Float64Array): number[] {
  const free = new Set(others);
  return chosen.flatMap((index) => {
    const distance = (other: number): number => Math.abs((values[other] as number) - (values[index] as number));
    const [first] = [...free].sort((one, other) => distance(one) - distance(other));
    if (first === undefined) return [];
    free.delete(first);
    return [first];
  });
}

function outer(left: Float64Array, right: Float64Array): Matrix {
  const matrix = zeros(left.length, right.length);
  matrix.data.forEach((_, i) => {
    matrix.data[i] = (left[Math.floor(i / right.length)] as number) * (right[i % right.length] as number);
  });
  return matrix;
}
