/** Small analyses made by hand: modules with the numbers a test names, everything else plain. */
import type { AnalysisDocument, AnalysisSettings, ModuleMeasures } from "../../src/contract/domain/analysis.ts";
import type { SingularVector } from "../../src/contract/domain/intruder.ts";
import type { DeltaMeasures, Rounding } from "../../src/contract/domain/spectrum.ts";
import { assembleDocument, type DocumentMember } from "../../src/engine/report/document.ts";
import type { AnalysisRecord, RunRecord } from "../../src/engine/store/types.ts";

export const plainSettings: AnalysisSettings = {
  k: 10,
  epsilon: 0.5,
  side: "left",
  quick: false,
  exact: false,
  asMerged: false,
  seed: 0,
};

const base = {
  path: "/models/base",
  fingerprint: "f0",
  architecture: "Qwen2ForCausalLM",
  family: "qwen2",
  parameters: 494_032_768,
  dtype: "BF16",
};

/** ΔW with the given singular values; effective ranks are computed by the definitions. */
export function deltaOf(
  singularValues: number[],
  baseFrobenius: number,
  shape: [number, number] = [8, 8],
): DeltaMeasures {
  const energy = singularValues.reduce((sum, value) => sum + value ** 2, 0);
  const sum = singularValues.reduce((total, value) => total + value, 0);
  const spectral = Math.max(0, ...singularValues);
  const entropy = singularValues.reduce((h, value) => (value > 0 ? h - (value / sum) * Math.log(value / sum) : h), 0);
  const rankAt = (share: number): number => {
    let held = 0;
    return (
      1 +
      singularValues.findIndex((value) => {
        held += value ** 2;
        return held >= share * energy * (1 - 1e-12);
      })
    );
  };
  const zero = energy === 0;
  return {
    frobenius: Math.sqrt(energy),
    spectral,
    relative: Math.sqrt(energy) / baseFrobenius,
    singularValues,
    method: zero ? "zero" : "factors",
    resolution: 0,
    effectiveRank: {
      stable: zero ? null : energy / spectral ** 2,
      entropy: zero ? null : Math.exp(entropy),
      participation: zero ? null : energy ** 2 / singularValues.reduce((total, value) => total + value ** 4, 0),
      energy50: zero ? null : rankAt(0.5),
      energy90: zero ? null : rankAt(0.9),
      energy95: zero ? null : rankAt(0.95),
      energy99: zero ? null : rankAt(0.99),
    },
    decay: null,
    noiseReference:
      shape[0] === shape[1]
        ? { stable: 0.25, entropy: 0.805, participation: 0.5, energy50: 0.2, energy90: 0.51, energy99: 0.8 }
        : null,
  };
}

export function vectorOf(index: number, cosine: number, word: SingularVector["word"] = "inherited"): SingularVector {
  return {
    index,
    singularValue: 10 - index,
    maxCosine: { lower: cosine, upper: cosine },
    intruder: cosine < 0.5,
    energyShare: 0.01,
    deltaShare: 0.02,
    pValue: cosine < 0.2 ? 0.4 : 0,
    word,
    spanEnergy: 0.5,
    bestIndex: null,
  };
}

export interface ModuleChoice extends Partial<ModuleMeasures> {
  layer: number | null;
  kind: string;
}

/** A measured module with ‖W0‖ = ‖W‖ = 10 and ΔW of singular values 3 and 4 unless said otherwise. */
export function moduleOf(choice: ModuleChoice): ModuleMeasures {
  const { layer, kind } = choice;
  const top = { frobenius: 10, singularValues: [5, 4], residuals: [0, 0] };
  return {
    name: layer === null ? `model.${kind}` : `model.layers.${layer}.${kind}`,
    group: "attention",
    expert: null,
    shape: [8, 8],
    status: "measured",
    error: null,
    delta: deltaOf([4, 3], 10),
    rounding: null,
    base: top,
    tuned: top,
    vectors: [],
    intruders: 0,
    intruderEnergy: 0,
    undecided: 0,
    decision: { method: "lanczos", steps: 24, degenerate: false, climbed: [] },
    sides: {},
    pressure: 0.5,
    criticalStrength: 8,
    seconds: 0.25,
    ...choice,
  };
}

export function failedModuleOf(layer: number, kind: string): ModuleMeasures {
  const nothing = { delta: null, base: null, tuned: null, vectors: null, intruders: null, intruderEnergy: null };
  const error = { code: "analysis.not-finite" as const, message: "2 NaN", retryable: false };
  const rest = { undecided: null, decision: null, pressure: null, criticalStrength: null };
  return moduleOf({ layer, kind, ...nothing, ...rest, status: "failed", error });
}

export function roundingOf(verdict: Rounding["verdict"], more: Partial<Rounding> = {}): Rounding {
  return {
    floorFrobenius: 1,
    edge: 0.1,
    safeEdge: 0.2,
    unchangedShare: 0,
    aboveEdge: 1,
    signalShare: null,
    keptSignal: null,
    verdict,
    ...more,
  };
}

export interface MemberChoice extends Partial<AnalysisRecord> {
  label: string;
  modules: ModuleMeasures[];
}

export function memberOf({ label, modules, ...more }: MemberChoice): DocumentMember {
  const record: AnalysisRecord = {
    id: `question-${label}`,
    base,
    label,
    kind: "adapter",
    path: `/models/${label}`,
    fingerprint: "f1",
    adapter: undefined,
    settings: plainSettings,
    pairing: { paired: modules.length, unpaired: [] },
    matrices: modules.length,
    engineVersion: "0.1.0+measures.1",
    ...more,
  };
  return { record, label, path: record.path, modules, vectors: [] };
}

export function runRecordOf(more: Partial<RunRecord> = {}): RunRecord {
  return {
    id: "run-1",
    startedAt: "2026-01-02T03:04:05.000Z",
    finishedAt: "2026-01-02T03:04:17.000Z",
    seconds: 12.3,
    state: "finished",
    threads: 2,
    base,
    settings: plainSettings,
    spec: undefined,
    shard: undefined,
    embeddings: false,
    reused: 0,
    computed: 2,
    members: [],
    failures: [],
    alerts: [],
    ...more,
  };
}

/** A document of the given runs. */
export function documentOf(members: readonly MemberChoice[], run: Partial<RunRecord> = {}): AnalysisDocument {
  return assembleDocument(runRecordOf(run), members.map(memberOf), []);
}

/** Two runs over four layers: an adapter with five intruders in layers 2 and 3, and a full checkpoint with none. */
export function exampleDocument(): AnalysisDocument {
  const layers = [0, 1, 2, 3];
  const intruders = (layer: number, kind: string): number => (kind === "down_proj" && layer >= 2 ? layer : 0);
  const lora = layers.flatMap((layer) =>
    ["q_proj", "down_proj"].map((kind) => {
      const count = intruders(layer, kind);
      return moduleOf({ layer, kind, intruders: count, intruderEnergy: count / 100 });
    }),
  );
  const full = layers.flatMap((layer) =>
    ["q_proj", "down_proj"].map((kind) => moduleOf({ layer, kind, delta: deltaOf([1, 1, 1, 1], 100) })),
  );
  return documentOf([
    { label: "lora-r4", modules: lora },
    { label: "fft", kind: "full", modules: full },
  ]);
}
