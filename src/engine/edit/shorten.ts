/** Factors of bounded rank, and what the bound leaves out. */
import { type Alert, makeAlert } from "../../contract/alerts.ts";
import type { MatrixPair } from "../../contract/domain/pair.ts";
import { formatShare } from "../../contract/format.ts";
import type { FactorSum, Factors } from "../linalg/edit-backend.ts";
import type { AdapterModule } from "./adapter-folder.ts";
import type { EditRun } from "./edit-run.ts";
import type { WrittenModuleReport } from "./report.ts";
import { FLOAT_ERROR } from "./verify.ts";

/** A module whose sums are brought to a rank. */
export interface ShortModule {
  pair: MatrixPair;
  factors: Factors;
}

export async function shortened(
  modules: readonly { pair: MatrixPair; factors: readonly FactorSum[] }[],
  rank: number,
  { services, signal }: EditRun,
): Promise<ShortModule[]> {
  const short: ShortModule[] = [];
  for (const { pair, factors: parts } of modules) {
    const question = { name: pair.name, parts, rank, threads: services.threads };
    short.push({ pair, factors: await services.edits.refactor(question, signal) });
  }
  return short;
}

/** The written factors are what was shortened; their distance to the whole is what the shortening left out. */
export function withTruncation(
  modules: readonly ShortModule[],
  written: readonly WrittenModuleReport[],
): WrittenModuleReport[] {
  const byName = new Map(modules.map(({ pair, factors }) => [pair.name, factors]));
  return written.map((report) => {
    const factors = byName.get(report.module);
    if (!factors) return report;
    const { frobenius: intended, error: predicted } = factors;
    return { ...report, intended, predicted, error: Math.hypot(predicted, report.error) };
  });
}

export function truncationAlert(reports: readonly WrittenModuleReport[], rank: number): Alert[] {
  const error = Math.hypot(...reports.map((report) => report.error));
  const whole = Math.hypot(...reports.map((report) => report.intended));
  if (error <= FLOAT_ERROR * whole) return [];
  const message = `Rank ${rank} leaves out ${formatShare(error / whole)} of ΔW (Frobenius norm).`;
  return [makeAlert("edit.rank-truncated", message)];
}

/** Frees what the numeric crate holds. */
export function release(modules: readonly AdapterModule[]): void {
  for (const { factors } of modules) if ("release" in factors) factors.release();
}
