/** The backend that answers from the native addon, on threads of its own. */
import type * as Addon from "../../../native/addon.d.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import { addon, callNative } from "./addon.ts";
import type { Backend, ModuleAnswer, ModuleQuestion, RunAnswer, VectorAnswer } from "./backend.ts";
import { deltaStatement } from "./edit-requests.ts";

/** @param threads of the pool; all that this process may use when left out */
export function openNativeBackend(threads?: number): Backend {
  const native = addon();
  const pool = new native.Pool(threads ?? native.cpu().threads);
  return {
    threads: pool.threads,
    analyzeModule: (question, signal) =>
      callNative(signal, async (flag) => moduleAnswer(await pool.analyzeModule(moduleRequest(question), flag))),
    vectorDelta: async (pair, signal) =>
      callNative(signal, async () => vectorAnswer(await pool.vectorDelta(vectorRequest(pair)))),
    overlap: (name, first, second, signal) =>
      callNative(signal, async (flag) => {
        const request = { name, base: null, first: deltaStatement(first), second: deltaStatement(second), threads: 1 };
        const { left, right, cosine } = await pool.overlap(request, flag);
        return { left: left ?? new Float64Array(), right: right ?? new Float64Array(), deltaCosine: cosine };
      }),
    inspectModule: ({ delta, ...question }, signal) =>
      callNative(signal, (flag) => pool.inspectModule({ ...question, delta: deltaStatement(delta) }, flag)),
    difference: (base, other, signal) => callNative(signal, (flag) => pool.difference(base, other, flag)),
    normAgreement: (matrix, magnitudes, axis, signal) =>
      callNative(signal, async (flag) => (await pool.normAgreement(matrix, magnitudes, axis, flag)) ?? undefined),
    projectionGap: (matrix, left, right, signal) =>
      callNative(signal, async (flag) => (await pool.projectionGap(matrix, left, right, flag)) ?? undefined),
  };
}

/** 1-D tensors are never a part of one: the addon takes them whole. */
function vectorRequest(pair: Parameters<Backend["vectorDelta"]>[0]): Addon.VectorRequest {
  const base = pair.base?.tensor ?? null;
  if (pair.mode === "stated") return { base, delta: deltaStatement(pair.delta) };
  return { base, tuned: pair.tuned.tensor, addition: pair.mode === "add" ? pair.scale : undefined };
}

function vectorAnswer({ baseNorm, deltaNorm, equal, elements, notFinite }: Addon.VectorDelta): VectorAnswer {
  if (baseNorm !== undefined && deltaNorm !== undefined) {
    return { baseFrobenius: baseNorm, deltaFrobenius: deltaNorm, equal, total: elements };
  }
  throw new DeltaScopeError("analysis.not-finite", `${notFinite} of ${elements} entries are NaN or infinite.`);
}

function moduleRequest(question: ModuleQuestion): Addon.ModuleRequest {
  const { runs, base, ...settings } = question;
  return {
    ...settings,
    base: base ?? null,
    rounding: runs.find((run) => run.rounding !== undefined)?.rounding,
    runs: runs.map(({ key, delta }) => ({ key, delta: deltaStatement(delta) })),
  };
}

function moduleAnswer(outcome: Addon.ModuleOutcome): ModuleAnswer {
  const { base, baseFrobenius, criticalStrength, baseSeconds } = outcome;
  return {
    base,
    baseFrobenius,
    criticalStrength,
    baseSeconds,
    runs: outcome.runs.map(({ key, outcome: answer, error }) => ({
      key,
      answer: answer as RunAnswer | undefined,
      error,
    })),
  };
}
