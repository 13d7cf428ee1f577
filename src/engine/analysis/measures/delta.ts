/** Sizes, spectrum, effective ranks and decay of ΔW for one module. */
import type { DeltaMeasures, EffectiveRank } from "../../../contract/domain/spectrum.ts";
import type { RunAnswer } from "../../linalg/backend.ts";
import { decayFit, noiseReference, spectrumMetrics } from "../../linalg/statistics.ts";

const undefinedRanks: EffectiveRank = {
  stable: null,
  entropy: null,
  participation: null,
  energy50: null,
  energy90: null,
  energy95: null,
  energy99: null,
};

/**
 * @param shape [out, in]
 * @param baseFrobenius ‖W0‖_F, undefined when the base is quantised
 * @param floor standard deviation of the rounding floor per entry, 0 for factors
 */
export function deltaMeasures(
  answer: RunAnswer["delta"],
  shape: readonly [number, number],
  baseFrobenius: number | undefined,
  floor: number,
): DeltaMeasures {
  const values = answer.singularValues;
  const empty = answer.frobenius === 0;
  return {
    frobenius: answer.frobenius,
    spectral: values[0] ?? 0,
    relative: baseFrobenius ? answer.frobenius / baseFrobenius : null,
    singularValues: Array.from(values),
    method: answer.method,
    resolution: answer.resolution,
    effectiveRank: empty ? undefinedRanks : effectiveRanks(values),
    decay: empty ? null : decayFit(values, shape, floor),
    noiseReference: Math.min(...shape) > 1 ? noiseReference(shape) : null,
  };
}

/** Stable, entropy (Roy–Vetterli, on σ), participation, and energy ranks. */
export function effectiveRanks(values: Float64Array): EffectiveRank {
  return spectrumMetrics(values) ?? undefinedRanks;
}
