/** E(k), the share of Σσ² that the k largest singular values hold, at few enough points to draw many of them. */
import type { EnergyCurve } from "../../contract/domain/cells.ts";
import type { SpectrumRow } from "../store/cells.ts";

/** Points of one curve: more than a small multiple has pixels between its ticks. */
const mostPoints = 64;

export function energyCurveOf(row: SpectrumRow): EnergyCurve {
  const { name, layer, kind, shape, singularValues, energy90 } = row;
  const size = Math.min(...shape);
  const squares = singularValues.map((value) => value * value);
  const total = squares.reduce((sum, square) => sum + square, 0);
  // Factors give only as many values as their rank; all others are zero, so the curve stays at 1 up to its end.
  const k = total === 0 ? [] : logSpaced(size, mostPoints);
  const cumulative = cumulate(squares, total);
  const energy = k.map((count) => cumulative[Math.min(count, cumulative.length) - 1] ?? 1);
  return { name, layer, kind, size, k, energy, k90: energy90, entropySquared: entropyRank(squares, total) };
}

function cumulate(squares: readonly number[], total: number): number[] {
  let sum = 0;
  return squares.map((square) => {
    sum += square;
    return Math.min(1, sum / total);
  });
}

/** Whole numbers from 1 to `last`, evenly spread on a logarithmic axis, each once. */
export function logSpaced(last: number, most: number): number[] {
  if (last < 1) return [];
  if (last <= most) return Array.from({ length: last }, (_, index) => index + 1);
  const points = Array.from({ length: most }, (_, index) => Math.round(last ** (index / (most - 1))));
  return [...new Set(points)];
}

/** exp of the entropy of σ² / Σσ²; null for a zero matrix. */
function entropyRank(squares: readonly number[], total: number): number | null {
  if (total === 0) return null;
  const entropy = squares.reduce(
    (sum, square) => sum - (square > 0 ? (square / total) * Math.log(square / total) : 0),
    0,
  );
  return Math.exp(entropy);
}
