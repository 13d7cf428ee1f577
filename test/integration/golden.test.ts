/** Every golden case through the real opening and pairing: the stated ΔW is what peft and transformers compute. */
import { describe, expect, test } from "vitest";
import type { MatrixPair, VectorPair } from "../../src/contract/domain/pair.ts";
import type { MatrixView } from "../../src/contract/domain/tensor.ts";
import { toDeltaScopeError } from "../../src/contract/errors.ts";
import { checkEvidence } from "../../src/engine/analysis/evidence.ts";
import { open } from "../../src/engine/checkpoint/open.ts";
import { pair } from "../../src/engine/pairing/pair.ts";
import { evaluateDelta, readView } from "../builders/evaluate-statement.ts";
import { plainBackend } from "../builders/plain-backend.ts";
import {
  type GoldenCase,
  goldenCases,
  goldenPath,
  type MatrixTruth,
  probesOf,
  truthOf,
  type VectorTruth,
} from "./golden-truth.ts";

/** Both sides compute in float64; the truth is written with ten digits. */
const TOLERANCE = 1e-8;
/** Found from the values of the factors, not while pairing. */
const MEASURED_LATER = ["adapter.no-effect"];

const opening = goldenCases.filter(({ error }) => error === undefined);
const refused = goldenCases.filter(({ error }) => error !== undefined);

async function pairCase(golden: GoldenCase) {
  const base = await open(goldenPath(golden.base));
  const tuned = await open(goldenPath(golden.tuned));
  const { pairing, alerts } = await checkEvidence(await pair(base, tuned), plainBackend, undefined);
  const codes = [...tuned.alerts, ...pairing.alerts, ...alerts].map(({ code }) => code);
  return { pairing, codes: [...new Set(codes)].sort() };
}

function norm(values: Float64Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}

function expectMatrix(found: MatrixPair, truth: MatrixTruth): void {
  const delta = evaluateDelta(found.delta, found.base);
  expect(found.shape).toEqual(truth.shape);
  expect([delta.rows, delta.columns]).toEqual(truth.shape);
  expect(Math.abs(norm(delta.data) - truth.frobenius)).toBeLessThanOrEqual(TOLERANCE * truth.frobenius);
  const scale = truth.frobenius * Math.sqrt(delta.rows * delta.columns);
  probesOf(delta).forEach((value, index) => {
    expect(Math.abs(value - (truth.probes[index] as number))).toBeLessThanOrEqual(TOLERANCE * scale);
  });
}

function vectorDelta({ base, ...change }: VectorPair): number {
  if (change.mode === "stated") throw new Error("no formulas among these");
  const { tuned, mode, scale } = change;
  const after = readView(tuned).data;
  const before = base === undefined ? undefined : readView(base).data;
  return norm(after.map((value, i) => (mode === "add" ? value * scale : value - (before?.[i] ?? 0))));
}

function expectVector(found: VectorPair, truth: VectorTruth): void {
  expect(found.length).toBe(truth.length);
  expect(Math.abs(vectorDelta(found) - truth.frobenius)).toBeLessThanOrEqual(TOLERANCE * truth.frobenius);
}

describe.each(opening.map((golden) => [golden.id, golden] as const))("%s", (_, golden) => {
  const truth = truthOf(golden.id);

  test("every ΔW that is not zero is stated, and equals what really runs", async () => {
    const { pairing } = await pairCase(golden);
    const matrices = new Map(pairing.matrices.map((found) => [found.name, found]));
    expect(matrices.size).toBe(pairing.matrices.length);
    expect(Object.keys(truth.matrices).filter((name) => !matrices.has(name))).toEqual([]);
    for (const [name, found] of matrices) {
      const expected = truth.matrices[name];
      if (expected !== undefined) expectMatrix(found, expected);
      else expect([name, norm(evaluateDelta(found.delta, found.base).data)]).toEqual([name, 0]);
    }
  });

  test("biases and norms change by what they really change", async () => {
    const { pairing } = await pairCase(golden);
    const vectors = new Map(pairing.vectors.map((found) => [found.name, found]));
    expect(Object.keys(truth.vectors).filter((name) => !vectors.has(name))).toEqual([]);
    for (const [name, found] of vectors) {
      const expected = truth.vectors[name];
      if (expected !== undefined) expectVector(found, expected);
      else expect([name, vectorDelta(found)]).toEqual([name, 0]);
    }
  });

  test("exactly the expected alerts", async () => {
    const { codes } = await pairCase(golden);
    expect(codes).toEqual((golden.alerts ?? []).filter((code) => !MEASURED_LATER.includes(code)));
  });
});

test.each(refused.map((golden) => [golden.id, golden] as const))(
  "%s is refused, as peft refuses it",
  async (_, golden) => {
    const code = await pairCase(golden).then(
      () => "nothing was thrown",
      (thrown: unknown) => toDeltaScopeError(thrown).code,
    );
    expect(code).toBe(golden.error);
  },
);

test.each(["experts-both", "experts-single"])("%s on a base that stores its experts stacked", async (id) => {
  const { pairing } = await pairCase({ id, base: "full/experts-stacked", tuned: `adapters/${id}` });
  const expected = Object.entries(truthOf(id).matrices);
  expect(pairing.matrices.map(({ name }) => name).sort()).toEqual(expected.map(([name]) => name).sort());
  for (const [name, truth] of expected) {
    const found = pairing.matrices.find((one) => one.name === name) as MatrixPair;
    expectMatrix(found, truth);
    expect(readView(found.base as MatrixView)).toMatchObject({ rows: truth.shape[0], columns: truth.shape[1] });
  }
});
