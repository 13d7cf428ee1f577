/** What the bounds of one module say, as numbers of a sentence. */
import type { ModuleRow } from "../../../../src/contract/domain/cells.ts";
import type { TestSettings } from "./test-settings.ts";

export interface IntruderFact {
  /** Ranks of the intruders in W, from 1. */
  ranks: readonly number[];
  /** Range of the intruders' best cosines, as proven from below. */
  lowest: number;
  highest: number;
  /** Lowest best cosine of all tested vectors. */
  least: number;
  tested: number;
  undecided: number;
}

/** Undefined when this side was not tested. */
export function intruderFact(row: ModuleRow, { k, epsilon, side }: TestSettings): IntruderFact | undefined {
  const bounds = row.bounds[side];
  if (bounds === null || bounds.lower.length === 0) return undefined;
  const lower = bounds.lower.slice(0, k);
  const ranks = lower.flatMap((_, index) => ((bounds.upper[index] ?? 1) < epsilon ? [index + 1] : []));
  const cosines = ranks.map((rank) => lower[rank - 1] ?? 0);
  return {
    ranks,
    lowest: Math.min(1, ...cosines),
    highest: Math.max(0, ...cosines),
    least: Math.min(1, ...lower),
    tested: lower.length,
    undecided: lower.filter((cosine, index) => cosine < epsilon && (bounds.upper[index] ?? 1) >= epsilon).length,
  };
}
