import { describe, expect, test } from "vitest";
import type { Matrix } from "../../test/builders/evaluate-statement.ts";
import { columnsOf, dot, thinSvd } from "../../test/builders/jacobi-svd.ts";
import { normals } from "../../test/builders/random.ts";
import type { Arm, EditGeometry } from "./domain/edit.ts";
import { armOutcomeOf, chosenIndices, intrudersLeft, moduleEdit, neighbourIndices } from "./intervention.ts";

const [rows, columns] = [11, 8];

function random(seed: number, scale: number): Matrix {
  return { rows, columns, data: Float64Array.from(normals(rows * columns, seed, scale)) };
}

function added(...terms: [number, Matrix][]): Matrix {
  const data = new Float64Array(rows * columns);
  for (const [weight, matrix] of terms)
    for (let i = 0; i < data.length; i++) data[i] = (data[i] ?? 0) + weight * (matrix.data[i] ?? 0);
  return { rows, columns, data };
}

function outer(u: Float64Array, v: Float64Array): Matrix {
  return {
    rows,
    columns,
    data: Float64Array.from(
      { length: rows * columns },
      (_, i) => (u[Math.floor(i / columns)] ?? 0) * (v[i % columns] ?? 0),
    ),
  };
}

function norm({ data }: Matrix): number {
  return Math.sqrt(dot(data, data));
}

/** Dense matrices with their triplets, and the numbers that the closed forms start from. */
function example(flags: readonly (boolean | null)[] = [true, false, false, true, false, false, false, false]) {
  const [base, delta] = [random(1, 1), random(2, 0.4)];
  const tuned = added([1, base], [1, delta]);
  const { left, values, right } = thinSvd(tuned);
  const [lefts, rights] = [columnsOf(left), columnsOf(right)];
  const direction = (index: number): Matrix => outer(lefts[index] as Float64Array, rights[index] as Float64Array);
  const geometry: EditGeometry = {
    module: "m",
    baseFrobenius: norm(base),
    deltaFrobenius: norm(delta),
    vectors: Array.from(values, (singularValue, index) => ({
      index,
      singularValue,
      deltaOverlap: dot(direction(index).data, delta.data),
      intruder: flags[index] ?? null,
    })),
  };
  return { base, delta, tuned, values, direction, geometry };
}

/** ΔW′ by its definition, with dense matrices. */
function denseDelta(arm: Arm, lambda: number, indices: readonly number[]): Matrix {
  const { delta, values, direction } = example();
  const change = added(
    ...indices.map((index): [number, Matrix] => [(lambda - 1) * (values[index] ?? 0), direction(index)]),
  );
  const scaled = added([1, delta], [1, change]);
  const share = norm(change) / norm(delta);
  switch (arm) {
    case "interpolate":
      return added([lambda, delta]);
    case "step":
      return added([Math.max(0, lambda < 1 ? 1 - share : 1 + share), delta]);
    case "shrink":
      return added([norm(scaled) / norm(delta), delta]);
    case "rescaled":
      return added([norm(delta) / norm(scaled), scaled]);
    default:
      return scaled;
  }
}

const question = (arm: Arm, lambda: number) => ({ arm, lambda, k: 6 });

describe.each([0, 0.3, 0.9, 1, 1.5])("λ = %d", (lambda) => {
  test.each(["scale", "step", "shrink", "rescaled", "interpolate", "neighbour"] as const)(
    "%s is what its words say",
    (arm) => {
      const { delta, direction, geometry } = example();
      const chosen = chosenIndices(geometry, "all", 6);
      const edit = moduleEdit(geometry, question(arm, lambda), chosen);
      const built = added(
        [edit.factor, delta],
        ...edit.vectors.map(({ index, coefficient }): [number, Matrix] => [coefficient, direction(index)]),
      );
      const truth = denseDelta(arm, lambda, arm === "neighbour" ? neighbourIndices(geometry, chosen, 6) : chosen);
      expect(norm(added([1, built], [-1, truth]))).toBeLessThan(1e-12);
      expect(edit.deltaFrobenius).toBeCloseTo(norm(truth), 12);
      // A difference of nearly equal squares keeps half of the digits.
      expect(edit.step).toBeCloseTo(norm(added([1, truth], [-1, delta])), 6);
    },
  );
});

test("arms that match the intervention match its size", () => {
  const { geometry } = example();
  const size = (arm: Arm) => armOutcomeOf([geometry, geometry], { arm, lambda: 0.8, which: "strongest", k: 6 });
  expect(size("step").step).toBeCloseTo(size("scale").step, 12);
  expect(size("shrink").relative).toBeCloseTo(size("scale").relative, 12);
  expect(size("rescaled").relative).toBeCloseTo(size("interpolate").relative / 0.8, 12);
  expect(size("scale")).toMatchObject({ modules: 2, vectors: 2 });
});

test("a step longer than ΔW ends at the base", () => {
  const { geometry } = example();
  const edit = moduleEdit({ ...geometry, deltaFrobenius: 0.1 }, question("step", 0), [0]);
  expect(edit).toMatchObject({ factor: 0, deltaFrobenius: 0, step: 0.1 });
});

describe("choice", () => {
  test("the strongest, all of the tested, and by hand", () => {
    const { geometry } = example([false, null, true, true, false, false, false, true]);
    expect(chosenIndices(geometry, "strongest", 6)).toEqual([2]);
    expect(chosenIndices(geometry, "all", 6)).toEqual([2, 3]);
    expect(chosenIndices(geometry, "all", 3)).toEqual([2]);
    const byHand = [
      { module: "m", vectors: [5, 1, 5] },
      { module: "other", vectors: [0] },
    ];
    expect(chosenIndices(geometry, byHand, 6)).toEqual([1, 5]);
  });

  test("neighbours are the nearest in σ, each once, none of them an intruder or undecided", () => {
    const values = [10, 9, 8, 5, 4.5, 1];
    const flags = [false, true, true, null, false, false];
    const vectors = values.map((singularValue, index) => ({
      index,
      singularValue,
      deltaOverlap: 0,
      intruder: flags[index] ?? null,
    }));
    const geometry = { module: "m", baseFrobenius: 1, deltaFrobenius: 1, vectors };
    expect(neighbourIndices(geometry, [1, 2], 6)).toEqual([0, 4]);
    expect(neighbourIndices(geometry, [1, 2], 4)).toEqual([0]);
    expect(neighbourIndices(geometry, [], 6)).toEqual([]);
  });
});

describe("intruders left", () => {
  const left = (lambda: number, chosen: number[], k: number, flags?: (boolean | null)[], arm: Arm = "scale") =>
    intrudersLeft(example(flags).geometry, { arm, lambda, k }, chosen);

  test("the SVD of the edited matrix agrees", () => {
    const { base, values, direction, geometry } = example();
    const change = denseDelta("scale", 0.2, [0]);
    const edited = thinSvd(added([1, base], [1, change]));
    const sorted = Array.from(values, (value, index) => (index === 0 ? 0.2 * value : value)).sort((a, b) => b - a);
    expect(edited.values[0]).toBeCloseTo(values[1] ?? 0, 10);
    for (const [index, value] of sorted.entries()) expect(edited.values[index]).toBeCloseTo(value, 10);
    // The first vector of the edited matrix is the second of the old one.
    const first = outer(columnsOf(edited.left)[0] as Float64Array, columnsOf(edited.right)[0] as Float64Array);
    expect(dot(first.data, direction(1).data)).toBeCloseTo(1, 10);
    expect(geometry.vectors[0]?.intruder).toBe(true);
  });

  test("counted after sorting the values again", () => {
    expect(left(1, [], 4)).toBe(2);
    expect(left(1, [], 3)).toBe(1);
    expect(left(0.5, [0], 3)).toBe(
      example()
        .geometry.vectors.slice(1, 4)
        .filter(({ intruder }) => intruder).length,
    );
    expect(left(2, [3], 1)).toBe(1);
  });

  test("nothing is said where lower or undecided vectors may have come up", () => {
    expect(left(0, [0], 8)).toBeUndefined();
    expect(left(1, [], 3, [true, null, false])).toBeUndefined();
    expect(left(0.5, [0], 3, undefined, "step")).toBeUndefined();
  });
});
