/** Questions about a stated delta that several steps ask. */
import type { DeltaStatement } from "../../contract/domain/adapter.ts";

/** Whether ΔW is known from its factors alone, so that the base is not needed for it. */
export function isLowRankOnly(delta: DeltaStatement): boolean {
  return (
    delta.lowRank !== undefined &&
    delta.replacement === undefined &&
    delta.formula === undefined &&
    delta.replacedRows === undefined &&
    delta.dora === undefined
  );
}
