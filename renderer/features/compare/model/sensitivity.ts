/** Counts over ε × k: how much a claim about intruders depends on the settings of the test. */
import type { ModuleRow } from "../../../../src/contract/domain/cells.ts";
import { createDecider, type TestSettings } from "./test-settings.ts";
import { totalsOf } from "./totals.ts";

export const gridEpsilons = [0.3, 0.4, 0.5, 0.6, 0.7] as const;
const usualKs = [1, 2, 3, 5, 10, 20, 50, 100, 200];
/** Columns that a popover has room for. */
const mostKs = 6;

/** Usual values of k up to the stored one, which is always there. */
export function gridKs(stored: number): number[] {
  const smaller = usualKs.filter((k) => k < stored);
  return [...smaller.slice(-(mostKs - 1)), stored];
}

/** The usual thresholds, with the chosen one in its place. */
export function gridRows(chosen: number): number[] {
  return [...new Set([...gridEpsilons, chosen])].sort((a, b) => a - b);
}

export interface SensitivityCell {
  k: number;
  epsilon: number;
  count: number | null;
  undecided: number;
  energy: number | null;
}

/** @param rows those that count */
export function sensitivityGrid(
  rows: readonly ModuleRow[],
  epsilons: readonly number[],
  ks: readonly number[],
  side: TestSettings["side"],
): SensitivityCell[][] {
  return epsilons.map((epsilon) =>
    ks.map((k) => {
      const { intruders, undecided, energy } = totalsOf(rows, createDecider({ k, epsilon, side }));
      return { k, epsilon, count: intruders, undecided, energy };
    }),
  );
}
