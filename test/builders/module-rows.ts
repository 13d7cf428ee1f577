/** Runs and rows of the app for tests, with whatever a test says about them. */
import type { AppRun, ModuleRow } from "../../src/contract/domain/cells.ts";

/** A finished adapter run of four layers; the letter also makes its ids. */
export function appRunOf(letter: string, changes: Partial<AppRun> = {}): AppRun {
  const id = letter.toLowerCase().repeat(12);
  return {
    id,
    analysis: id.padEnd(64, "0"),
    letter,
    label: `run-${letter}`,
    kind: "adapter",
    detail: "LoRA r 4",
    path: `/tuned/${letter}`,
    base: { path: "/base", label: "base", fingerprint: "f0", dtype: "BF16", layers: 4 },
    k: 4,
    epsilon: 0.5,
    side: "left",
    asMerged: false,
    modules: 8,
    total: 8,
    state: "finished",
    ...changes,
  };
}

/** Exact bounds: lower and upper are the cosines. */
export function exactBounds(cosines: readonly number[], deltaShare = cosines.map(() => 0.1)) {
  return { left: { lower: [...cosines], upper: [...cosines], deltaShare: [...deltaShare] }, right: null };
}

export function moduleRowOf(
  run: AppRun,
  layer: number | null,
  kind: string,
  changes: Partial<ModuleRow> = {},
): ModuleRow {
  return {
    analysis: run.analysis,
    name: layer === null ? `model.${kind}` : `model.layers.${layer}.${kind}`,
    layer,
    kind,
    group: layer === null ? "embedding" : "attention",
    expert: null,
    shape: [128, 128],
    status: "measured",
    error: null,
    errorCode: null,
    frobenius: 1,
    spectral: 0.5,
    relative: 0.1,
    stableRank: 2,
    entropyRank: 3,
    participation: 2,
    energy50: 1,
    energy90: 2,
    energy95: 3,
    energy99: 4,
    decayLaw: null,
    decayExponent: null,
    unchangedShare: null,
    roundingVerdict: null,
    bounds: exactBounds([0.9, 0.9, 0.9, 0.9]),
    intruders: 0,
    undecided: 0,
    intruderEnergy: 0,
    pressure: null,
    method: "factors",
    decisionMethod: "exact",
    seconds: 1,
    ...changes,
  };
}
