/** What a narrow storage type does to an update. */
import { type Alert, makeAlert } from "../../contract/alerts.ts";
import { formatShare } from "../../contract/format.ts";
import { errorsOf, type WrittenModuleReport } from "./report.ts";

/** Below this the type holds the update as well as float32 would. */
const NOTICEABLE = 1e-4;

export function roundingAlert(modules: readonly WrittenModuleReport[], dtype: string): Alert[] {
  const { error, roundingLoss } = errorsOf(modules);
  if (error <= NOTICEABLE) return [];
  const lost =
    roundingLoss === null || roundingLoss < NOTICEABLE ? "" : ` and leaves out ${formatShare(roundingLoss)} of it`;
  const message = `Rounding to ${dtype} adds an error of ${formatShare(error)} of ΔW (Frobenius norm)${lost}.`;
  return [makeAlert("edit.rounding", message)];
}
