/** Intruder counts of one module over ε × k, from its stored bounds: how much the count hangs on the settings. Pure. */
import { type Decided, decide, type StoredBounds } from "../../../../src/contract/decide.ts";

const usualEpsilons = [0.3, 0.4, 0.5, 0.6, 0.7];
const usualKs = [1, 3, 5, 10, 20, 50, 100];
/** Columns that the panel has room for. */
const mostKs = 4;

export interface SensitivityRow {
  epsilon: number;
  cells: (Decided & { k: number })[];
}

/** @param stored number of stored vectors, the largest k */
export function sensitivity(bounds: StoredBounds, stored: number, epsilon: number): SensitivityRow[] {
  const ks = [...usualKs.filter((k) => k < stored).slice(1 - mostKs), stored];
  const epsilons = [...new Set([...usualEpsilons, epsilon])].sort((a, b) => a - b);
  return epsilons.map((at) => ({ epsilon: at, cells: ks.map((k) => ({ k, ...decide(bounds, k, at) })) }));
}
