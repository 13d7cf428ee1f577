/** Rounding audit of a full checkpoint: how much of ΔW is only the storage type's grid. */
import type { Rounding } from "../../../contract/domain/spectrum.ts";
import type { RoundingAnswer, RunAnswer } from "../../linalg/backend.ts";
import { keptSignal, noiseEdge } from "../../linalg/statistics.ts";

/**
 * With fewer unchanged entries than this, steps are of the grid's size and rounding blurs what was learnt; with more,
 * small updates are lost rather than blurred and every entry that changed is a real step.
 */
const blurredBelow = 0.7;

/** Standard deviation of the floor per entry: a fresh value's rounding error is uniform within ± u/2, variance u²/12. */
export function floorDeviation(sums: RoundingAnswer | undefined): number {
  return sums && !onSameGrid(sums) && sums.total > 0 ? Math.sqrt(sums.stepSquares / 12 / sums.total) : 0;
}

/** @param shape [out, in] */
export function roundingMeasures(
  sums: RoundingAnswer,
  delta: RunAnswer["delta"],
  shape: readonly [number, number],
): Rounding {
  const unchangedShare = sums.total === 0 ? 1 : sums.equal / sums.total;
  const floorFrobenius = Math.sqrt(sums.stepSquares / 12);
  const edge = noiseEdge(shape, Math.sqrt(sums.stepSquares / 12 / Math.max(1, sums.total)));
  const real = onSameGrid(sums);
  return {
    floorFrobenius,
    edge,
    safeEdge: Math.sqrt(sums.rowMaximum / 12) + Math.sqrt(sums.columnMaximum / 12),
    unchangedShare,
    aboveEdge: delta.singularValues.reduce((count, value) => count + (value > edge ? 1 : 0), 0),
    signalShare: real || delta.frobenius === 0 ? null : Math.max(0, 1 - (floorFrobenius / delta.frobenius) ** 2),
    keptSignal: real && unchangedShare > 0 && unchangedShare < 1 ? keptSignal(unchangedShare) : null,
    verdict: verdict(sums, delta, unchangedShare, floorFrobenius),
  };
}

/** Base and tuned both lie on the storage grid: every non-zero entry of ΔW is a real change. */
function onSameGrid(sums: RoundingAnswer): boolean {
  return sums.baseOnGrid && sums.tunedOnGrid;
}

/** In this order: identical, only a cast, both on the grid, otherwise against the floor. */
function verdict(
  sums: RoundingAnswer,
  delta: RunAnswer["delta"],
  unchangedShare: number,
  floorFrobenius: number,
): Rounding["verdict"] {
  if (delta.frobenius === 0) return "identical";
  if (sums.withinHalfStep && !sums.baseOnGrid) return "cast-only";
  if (onSameGrid(sums)) return unchangedShare < blurredBelow ? "blurred" : "real";
  return delta.frobenius > floorFrobenius * 1.05 ? "above-floor" : "within-floor";
}
