/** The native numerics on every golden pair, against numpy's float64 thin SVD. */
import { expect, test } from "vitest";
import type { MatrixPair } from "../../src/contract/domain/pair.ts";
import { checkEvidence } from "../../src/engine/analysis/evidence.ts";
import { effectiveRanks } from "../../src/engine/analysis/measures/delta.ts";
import { open } from "../../src/engine/checkpoint/open.ts";
import type { ModuleQuestion, RunAnswer, SideAnswer } from "../../src/engine/linalg/backend.ts";
import { openNativeBackend } from "../../src/engine/linalg/native-backend.ts";
import { pair } from "../../src/engine/pairing/pair.ts";
import { type GoldenCase, goldenCases, goldenPath, type MatrixTruth, truthOf } from "./golden-truth.ts";

const backend = openNativeBackend(2);
const EPSILON = 0.5;
/** Decisions have to agree where the true cosine is farther than this from ε. */
const MARGIN = 1e-3;
/** The truth is written with seven digits; vectors of values that are close to each other mix a little. */
const BOUND_SLACK = 1e-5;

const opening = goldenCases.filter(({ error }) => error === undefined);

async function pairsOf(golden: GoldenCase): Promise<MatrixPair[]> {
  const [base, tuned] = [await open(goldenPath(golden.base)), await open(goldenPath(golden.tuned))];
  return (await checkEvidence(await pair(base, tuned), backend, undefined)).pairing.matrices;
}

async function answer({ name, base, delta }: MatrixPair, exact: boolean): Promise<RunAnswer> {
  const settings: Omit<ModuleQuestion, "name" | "base" | "runs"> = {
    ...{ k: 10, epsilon: EPSILON, epsilons: [EPSILON], sides: ["left", "right"], exact, seed: 0, threads: 1 },
  };
  const [run] = (await backend.analyzeModule({ name, base, runs: [{ key: "run", delta }], ...settings })).runs;
  if (run?.answer === undefined) throw new Error(`${name}: ${run?.error?.code} ${run?.error?.message}`);
  return run.answer;
}

function near(value: number | null | undefined, expected: number, relative: number): boolean {
  return value !== null && value !== undefined && Math.abs(value - expected) <= relative * Math.abs(expected);
}

function deltaFaults({ delta }: RunAnswer, truth: MatrixTruth): string[] {
  const [factors, top] = [delta.method === "factors", truth.singularValues[0] as number];
  const [resolved, tolerance] = factors ? [1e-6, 1e-6] : [1e-5, 1e-5];
  const faults = near(delta.frobenius, truth.frobenius, 1e-6) ? [] : [`norm ${delta.frobenius}`];
  for (let i = 0; i < Math.max(delta.singularValues.length, truth.singularValues.length); i++) {
    const [found, expected] = [delta.singularValues[i] ?? 0, truth.singularValues[i] ?? 0];
    const good = expected >= resolved * top ? near(found, expected, tolerance) : found <= 1.1 * resolved * top;
    if (!good) faults.push(`σ${i} is ${found}, not ${expected}`);
  }
  for (const [name, found] of Object.entries(effectiveRanks(Float64Array.from(delta.singularValues)))) {
    const tolerance = name.startsWith("energy") ? 0 : 1e-4;
    if (!near(found, truth.ranks[name] as number, tolerance))
      faults.push(`${name} is ${found}, not ${truth.ranks[name]}`);
  }
  return faults;
}

function topFaults({ tuned }: RunAnswer, truth: MatrixTruth): string[] {
  const found = tuned?.singularValues ?? new Float64Array();
  return truth.tuned.flatMap((expected, i) =>
    near(found[i], expected, 1e-5) ? [] : [`tuned σ${i} is ${found[i]}, not ${expected}`],
  );
}

function sideFaults({ side, lower, upper }: SideAnswer, truth: MatrixTruth): string[] {
  return truth[side].flatMap((cosine, i) => {
    const [low, high] = [lower[i] as number, upper[i] as number];
    const place = `${side} vector ${i}: ${cosine} of [${low}, ${high}]`;
    if (!(low - BOUND_SLACK <= cosine && cosine <= high + BOUND_SLACK)) return [`${place} lies outside`];
    const decided = cosine >= EPSILON ? low >= EPSILON : high < EPSILON;
    return Math.abs(cosine - EPSILON) > MARGIN && !decided ? [`${place} is decided wrongly`] : [];
  });
}

async function faultsOf(golden: GoldenCase, exact: boolean): Promise<string[]> {
  const truth = truthOf(golden.id).matrices;
  const faults: string[] = [];
  for (const found of await pairsOf(golden)) {
    const expected = truth[found.name];
    const result = await answer(found, exact);
    if (expected === undefined && result.delta.frobenius !== 0) faults.push(`${found.name}: ΔW is not zero`);
    if (expected === undefined) continue;
    const parts = [
      deltaFaults(result, expected),
      topFaults(result, expected),
      ...result.sides.map((side) => sideFaults(side, expected)),
    ];
    faults.push(...parts.flat().map((fault) => `${found.name}: ${fault}`));
    if (result.sides.length !== 2) faults.push(`${found.name}: ${result.sides.length} sides`);
  }
  return faults;
}

test.each(opening.map((golden) => [golden.id, golden] as const))("%s", async (_, golden) => {
  expect(await faultsOf(golden, false)).toEqual([]);
});

test.each(opening.map((golden) => [golden.id, golden] as const))("%s, exact path", async (_, golden) => {
  expect(await faultsOf(golden, true)).toEqual([]);
});
