/** What was written, and how it differs from what was meant. */
import type { EditOutcome } from "../../contract/domain/edit.ts";
import type { Comparison } from "../linalg/edit-backend.ts";

export type WrittenFile = EditOutcome["files"][number];

/** One module that was read back. */
export interface WrittenModuleReport extends Comparison {
  module: string;
  /** Of its factors; null in a full checkpoint. */
  rank: number | null;
  /** ‖what a bound on the rank leaves out‖_F as the spectrum says. */
  predicted?: number | undefined;
}

/** Errors of each module and of all together, relative to what was meant. */
export function errorsOf(
  reports: readonly WrittenModuleReport[],
): Pick<EditOutcome, "modules" | "error" | "roundingLoss"> {
  const error = Math.hypot(...reports.map((report) => report.error));
  const intended = Math.hypot(...reports.map((report) => report.intended));
  return {
    modules: reports.map((report) => ({
      module: report.module,
      rank: report.rank,
      error: relativeTo(report.intended, report.error),
      ...(report.predicted === undefined || report.intended === 0
        ? {}
        : { predicted: report.predicted / report.intended }),
    })),
    error: intended > 0 ? error / intended : 0,
    roundingLoss: intended > 0 ? lossOf(reports) : null,
  };
}

/** null for an error on nothing, which has no relative size. */
function relativeTo(intended: number, error: number): number | null {
  if (intended > 0) return error / intended;
  return error > 0 ? null : 0;
}

/**
 * 1 − ⟨ΔW_read, ΔW_meant⟩ / ‖ΔW_meant‖²: the part of the update that is no longer there, 0 for rounding that is only
 * noise. From ‖read − meant‖² = ‖read‖² + ‖meant‖² − 2⟨read, meant⟩.
 */
function lossOf(reports: readonly WrittenModuleReport[]): number {
  const sum = (pick: (report: WrittenModuleReport) => number) =>
    reports.reduce((total, report) => total + pick(report), 0);
  const inner = sum(({ read, intended, error }) => (read ** 2 + intended ** 2 - error ** 2) / 2);
  return Math.min(1, Math.max(0, 1 - inner / sum(({ intended }) => intended ** 2)));
}
