/** The slow, plain backend: dense float64 matrices and full Jacobi SVDs. The reference beside the native one. */
import type { DeltaStatement } from "../../src/contract/domain/adapter.ts";
import { DeltaScopeError } from "../../src/contract/errors.ts";
import type { Backend, ModuleAnswer, ModuleQuestion, RunAnswer, SideAnswer } from "../../src/engine/linalg/backend.ts";
import { evaluateDelta, evaluateTuned, type Matrix, readView } from "./evaluate-statement.ts";
import { bestCosines, columnsOf, dot, type ThinSvd, thinSvd } from "./jacobi-svd.ts";

/** A backend without threads; what it cannot answer plainly it refuses. */
export const plainBackend: Backend = {
  threads: 1,
  analyzeModule: async (question) => analyze(question),
  vectorDelta: async ({ base, ...change }) => {
    if (change.mode === "stated") throw new DeltaScopeError("internal", "The plain backend has no formulas.");
    const { tuned, mode, scale } = change;
    const after = readView(tuned).data;
    const before = base ? readView(base).data : new Float64Array(after.length);
    const added =
      mode === "add" ? after.map((value) => value * scale) : after.map((value, i) => value - (before[i] ?? 0));
    return {
      baseFrobenius: norm(before),
      deltaFrobenius: norm(added),
      equal: added.filter((value) => value === 0).length,
      total: added.length,
    };
  },
  overlap: async () => {
    throw new DeltaScopeError("internal", "The plain backend has no overlaps.");
  },
  inspectModule: async () => {
    throw new DeltaScopeError("internal", "The plain backend has no exact views.");
  },
  difference: async (base, other) => {
    const before = readView(base).data;
    const change = readView(other).data.map((value, i) => value - (before[i] ?? 0));
    return {
      baseFrobenius: norm(before),
      deltaFrobenius: norm(change),
      equal: change.filter((value) => value === 0).length,
      total: change.length,
    };
  },
  normAgreement: async () => undefined,
  projectionGap: async () => undefined,
};

function analyze(question: ModuleQuestion): ModuleAnswer {
  const base = question.base ? readView(question.base) : undefined;
  const before = base ? thinSvd(base) : undefined;
  return {
    base: before && base && question.sides.length > 0 ? top(before, base, question.k) : undefined,
    baseFrobenius: base ? norm(base.data) : undefined,
    runs: question.runs.map(({ key, delta }) => ({ key, answer: analyzeRun(delta, question, before) })),
    baseSeconds: 0,
  };
}

function analyzeRun(delta: DeltaStatement, question: ModuleQuestion, before: ThinSvd | undefined): RunAnswer {
  const change = evaluateDelta(delta, question.base);
  const tuned = before ? evaluateTuned(delta, question.base) : undefined;
  const after = tuned ? thinSvd(tuned) : undefined;
  return {
    delta: {
      frobenius: norm(change.data),
      singularValues: thinSvd(change).values,
      method: "bidiagonal",
      resolution: 0,
    },
    tuned: after && tuned && question.sides.length > 0 ? top(after, tuned, question.k) : undefined,
    sides: before && after ? question.sides.map((side) => exactSide(side, before, after, question.k, change)) : [],
    seconds: 0,
  };
}

function exactSide(side: "left" | "right", before: ThinSvd, after: ThinSvd, k: number, change: Matrix): SideAnswer {
  const [base, vectors] = [before[side], after[side]];
  const cosines = bestCosines(base, vectors, k);
  const topBase = columnsOf(base).slice(0, k);
  const span = columnsOf(vectors)
    .slice(0, k)
    .map((vector) => topBase.reduce((sum, column) => sum + dot(column, vector) ** 2, 0));
  return {
    side,
    lower: cosines,
    upper: cosines,
    best: new Int32Array(cosines.length).fill(-1),
    spanEnergy: Float64Array.from(span),
    deltaShare: shareAlong(change, columnsOf(vectors).slice(0, k), side),
    method: "exact",
    steps: 0,
    degenerate: false,
    climbed: [],
  };
}

/** ‖uᵀΔW‖² / ‖ΔW‖² for left vectors, ‖ΔW v‖² / ‖ΔW‖² for right ones. */
function shareAlong(change: Matrix, vectors: Float64Array[], side: "left" | "right"): Float64Array {
  const lines = side === "left" ? columnsOf(change) : rowsOf(change);
  const energy = dot(change.data, change.data);
  return Float64Array.from(vectors, (vector) =>
    energy > 0 ? lines.reduce((sum, line) => sum + dot(line, vector) ** 2, 0) / energy : 0,
  );
}

function rowsOf({ rows, columns, data }: Matrix): Float64Array[] {
  return Array.from({ length: rows }, (_, i) => data.slice(i * columns, (i + 1) * columns));
}

function top(svd: ThinSvd, matrix: Matrix, k: number) {
  const singularValues = svd.values.slice(0, k);
  return { frobenius: norm(matrix.data), singularValues, residuals: new Float64Array(singularValues.length) };
}

function norm(values: Float64Array): number {
  return Math.sqrt(dot(values, values));
}
