/** A sweep as a table: one row per run. */
import { csvOf } from "../../../contract/csv.ts";
import type { SweepCell } from "../../../contract/domain/training.ts";

const columns = [
  ...(["sha", "variant", "seed", "noise", "subset", "learning_rate", "state", "step", "final_loss"] as const),
  ...(["validation_loss", "accuracy", "old_tasks", "intruders", "effective_rank", "folder"] as const),
];

/** Comma-separated, full precision, empty where a value is not known. */
export function sweepTable(cells: readonly SweepCell[]): string {
  return csvOf([columns, ...cells.map(rowOf).map((row) => columns.map((column) => row[column]))]);
}

function rowOf(cell: SweepCell): Record<(typeof columns)[number], string | number | null> {
  const { sha, variant, seed, noise, subset, run, accuracy, intruders } = cell;
  return {
    ...{ sha, variant, seed, noise, subset, accuracy, intruders },
    learning_rate: cell.learningRate,
    state: run?.state ?? null,
    step: run?.step ?? null,
    final_loss: run?.finalLoss ?? null,
    validation_loss: cell.validationLoss,
    old_tasks: cell.oldTasks,
    effective_rank: cell.effectiveRank,
    folder: run?.folder ?? null,
  };
}
