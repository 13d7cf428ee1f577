/** Records for the store: a plain module, and arbitrary ones with every number a float can be. */
import type { ModuleMeasures } from "../../src/contract/domain/analysis.ts";
import type { CheckpointSummary } from "../../src/contract/domain/checkpoint.ts";
import { errorCodes } from "../../src/contract/errors.ts";
import type { AnalysisRecord, RunRecord } from "../../src/engine/store/types.ts";
import { fc } from "./properties.ts";

export const plainBase: CheckpointSummary = {
  path: "/models/base",
  fingerprint: "f".repeat(64),
  architecture: "Qwen2ForCausalLM",
  family: null,
  parameters: 494_032_768,
  dtype: "BF16",
};

export function plainModule(name: string, changes: Partial<ModuleMeasures> = {}): ModuleMeasures {
  return {
    name,
    layer: 0,
    kind: "q_proj",
    group: "attention",
    expert: null,
    shape: [896, 896],
    status: "measured",
    error: null,
    delta: {
      frobenius: 0.1,
      spectral: 0.05,
      relative: 0.003,
      singularValues: [0.05, 0.04],
      method: "factors",
      resolution: 1e-9,
      effectiveRank: {
        stable: 3.1,
        entropy: null,
        participation: 5.2,
        energy50: 2,
        energy90: 9,
        energy95: 11,
        energy99: 15,
      },
      decay: null,
      noiseReference: null,
    },
    rounding: null,
    base: null,
    tuned: { frobenius: 7, singularValues: [7.1], residuals: [1e-12] },
    vectors: [
      {
        index: 0,
        singularValue: 7.1,
        maxCosine: { lower: 0.1, upper: 0.2 },
        intruder: true,
        energyShare: 0.1,
        deltaShare: 0.2,
        pValue: 1e-300,
        word: "new, partly aligned",
        spanEnergy: 0.5,
        bestIndex: null,
      },
    ],
    intruders: 1,
    intruderEnergy: 0.1,
    undecided: 0,
    decision: { method: "lanczos", steps: 40, degenerate: false, climbed: [] },
    sides: {},
    pressure: 1.5,
    criticalStrength: null,
    seconds: 0.05,
    ...changes,
  };
}

export function failedModule(name: string): ModuleMeasures {
  const error = { code: "analysis.not-finite" as const, message: `${name} holds NaN at 3, 4.`, retryable: false };
  const nothing = { delta: null, tuned: null, vectors: null, intruders: null, intruderEnergy: null, undecided: null };
  return plainModule(name, { ...nothing, status: "failed", error, decision: null, pressure: null });
}

export function plainAnalysis(id: string, changes: Partial<AnalysisRecord> = {}): AnalysisRecord {
  return {
    id,
    base: plainBase,
    label: "lora-r16",
    kind: "adapter",
    path: "/models/lora",
    fingerprint: "a".repeat(64),
    adapter: undefined,
    settings: { k: 10, epsilon: 0.5, side: "left", quick: false, exact: false, asMerged: false, seed: 0 },
    pairing: { paired: 1, unpaired: [] },
    matrices: 1,
    engineVersion: "0.1.0",
    ...changes,
  };
}

export function plainRun(id: string, changes: Partial<RunRecord> = {}): RunRecord {
  return {
    id,
    startedAt: "2026-01-02T03:04:05.678Z",
    finishedAt: undefined,
    seconds: undefined,
    state: "running",
    threads: 2,
    base: plainBase,
    settings: plainAnalysis(id).settings,
    spec: undefined,
    shard: undefined,
    embeddings: false,
    reused: 0,
    computed: 0,
    members: [{ analysis: "analysis", label: "lora-r16", path: "/models/lora", modules: undefined }],
    failures: [],
    alerts: [],
    ...changes,
  };
}

/** Every finite float, with the awkward ones often. */
export const finiteNumber: fc.Arbitrary<number> = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(-0, 0, 5e-324, -5e-324, Number.MAX_VALUE, -Number.MAX_VALUE, 0.1 + 0.2, 2 ** 53),
);
const count = fc.integer({ min: 0, max: 2 ** 31 - 1 });
const numbers = fc.array(finiteNumber, { maxLength: 40 });
// Text is UTF-8 in files and in the store, so half of a surrogate pair cannot occur.
const text = fc.string({ unit: "grapheme", maxLength: 20 });
const orNull = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
const quantity = orNull(finiteNumber);

const errorDocument = fc.record(
  { code: fc.constantFrom(...errorCodes), message: text, retryable: fc.boolean(), where: text, tip: text },
  { requiredKeys: ["code", "message", "retryable"] },
);

const delta = fc.record({
  frobenius: finiteNumber,
  spectral: finiteNumber,
  relative: quantity,
  singularValues: numbers,
  method: fc.constantFrom("factors" as const, "gram" as const, "bidiagonal" as const, "zero" as const),
  resolution: finiteNumber,
  effectiveRank: fc.record({
    stable: quantity,
    entropy: quantity,
    participation: quantity,
    energy50: quantity,
    energy90: quantity,
    energy95: quantity,
    energy99: quantity,
  }),
  decay: orNull(
    fc.record({
      law: fc.constantFrom("power" as const, "exponential" as const, "neither" as const),
      exponent: finiteNumber,
      exponentLow: quantity,
      exponentHigh: quantity,
      rate: finiteNumber,
      r2Power: finiteNumber,
      r2Exponential: finiteNumber,
      kept: count,
    }),
  ),
  noiseReference: orNull(
    fc.record({
      stable: finiteNumber,
      entropy: finiteNumber,
      participation: finiteNumber,
      energy50: finiteNumber,
      energy90: finiteNumber,
      energy99: finiteNumber,
    }),
  ),
});

const rounding = fc.record({
  floorFrobenius: finiteNumber,
  edge: finiteNumber,
  safeEdge: finiteNumber,
  unchangedShare: finiteNumber,
  aboveEdge: count,
  signalShare: quantity,
  keptSignal: quantity,
  verdict: fc.constantFrom("cast-only" as const, "real" as const, "blurred" as const, "identical" as const),
});

const topSpectrum = fc.record({ frobenius: finiteNumber, singularValues: numbers, residuals: numbers });

const vectors = fc.array(
  fc.record({
    index: count,
    singularValue: finiteNumber,
    maxCosine: fc.record({ lower: finiteNumber, upper: finiteNumber }),
    intruder: orNull(fc.boolean()),
    energyShare: finiteNumber,
    deltaShare: finiteNumber,
    pValue: finiteNumber,
    word: fc.constantFrom("inherited" as const, "indistinguishable from random" as const),
    spanEnergy: finiteNumber,
    bestIndex: orNull(count),
  }),
  { maxLength: 4 },
);

const decision = fc.record({
  method: fc.constantFrom("matched" as const, "lanczos" as const, "exact" as const),
  steps: count,
  degenerate: fc.boolean(),
  climbed: fc.array(text, { maxLength: 3 }),
});

const counts = fc.array(fc.array(count, { maxLength: 3 }), { maxLength: 3 });
const side = fc.record({
  vectors,
  intruders: count,
  undecided: count,
  intruderEnergy: finiteNumber,
  decision,
  grid: fc.record({ epsilons: numbers, ks: fc.array(count, { maxLength: 3 }), counts, undecided: counts }),
});

const moduleWithoutPrototypes: fc.Arbitrary<ModuleMeasures> = fc.record({
  name: text,
  layer: orNull(count),
  kind: text,
  group: fc.constantFrom("attention" as const, "mlp" as const, "embedding" as const, "other" as const),
  expert: orNull(count),
  shape: fc.tuple(fc.nat({ max: 2 ** 53 - 1 }), count),
  status: fc.constantFrom("measured" as const, "failed" as const),
  error: orNull(errorDocument),
  delta: orNull(delta),
  rounding: orNull(rounding),
  base: orNull(topSpectrum),
  tuned: orNull(topSpectrum),
  vectors: orNull(vectors),
  intruders: orNull(count),
  intruderEnergy: quantity,
  undecided: orNull(count),
  decision: orNull(decision),
  sides: fc.record({ left: side, right: side }, { requiredKeys: [] }),
  pressure: quantity,
  criticalStrength: quantity,
  seconds: finiteNumber,
});

/** Every module that the contract allows. */
export const arbitraryModule = moduleWithoutPrototypes.map((module) => structuredClone(module));
