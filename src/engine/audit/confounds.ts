/** Whether forgetting goes with intruders, with their energy, or just with the size of the update. */
import type { Confound } from "../../contract/domain/audit.ts";
import { partialSpearman, spearman, spearmanP } from "../evaluation/statistics/rank-correlation.ts";

/** A run that has both an analysis and scores. */
export interface MeasuredRun {
  label: string;
  /** Share of the old items that were lost on balance: base accuracy minus its own. */
  forgetting: number;
  intruders: number;
  /** Share of ‖ΔW‖² along intruders. */
  intruderEnergy: number;
  deltaFrobenius: number;
}

const properties = ["intruders", "intruderEnergy", "deltaFrobenius"] as const satisfies Confound["property"][];

/** One row for each property; every number is null while there are too few runs. */
export function confoundTable(runs: readonly MeasuredRun[]): Confound[] {
  const forgetting = runs.map((run) => run.forgetting);
  return properties.map((property) => {
    const values = runs.map((run) => run[property]);
    const held = runs.map((run) => run[property === "deltaFrobenius" ? "intruders" : "deltaFrobenius"]);
    return {
      property,
      spearman: spearman(values, forgetting) ?? null,
      partial: partialSpearman(values, forgetting, held) ?? null,
      n: runs.length,
      pValue: spearmanP(values, forgetting) ?? null,
    };
  });
}

/** How far intruder count and size of the update say the same over these runs. */
export function sharedRanks(runs: readonly MeasuredRun[]): number | undefined {
  return spearman(
    runs.map(({ intruders }) => intruders),
    runs.map(({ deltaFrobenius }) => deltaFrobenius),
  );
}
