/** What a direction without any relation to the base would reach: the yardstick beside every best cosine. */

const eulerGamma = 0.5772;
/** Below this many base vectors the extreme-value form has no meaning. */
const fewestVectors = 4;

/**
 * Expected best |cosine| of a random direction with any of `vectors` orthonormal ones in `width` dimensions
 * (theory.md section 10, rough value; 0.25 at 128 × 128, 0.08 at 2048 × 2048). Undefined for very small matrices.
 */
export function randomDirection(width: number, vectors: number): number | undefined {
  if (vectors < fewestVectors || width < vectors) return undefined;
  const square = 2 * Math.log(vectors) - Math.log(Math.log(2 * vectors)) - Math.log(Math.PI) + 2 * eulerGamma;
  return Math.min(1, Math.sqrt(square / width));
}

/** The same for the left (length out) or right (length in) singular vectors of a matrix of `shape` [out, in]. */
export function randomDirectionOf(shape: readonly [number, number], side: "left" | "right"): number | undefined {
  return randomDirection(side === "left" ? shape[0] : shape[1], Math.min(...shape));
}
