/** Which method is predicted to be better, and what an adapter as reference cannot say. */
import type { Verdict } from "../../contract/domain/theory.ts";

/** As in the numeric crate: one method is better when its risk is below this share of the other's. */
const clearlyBetter = 0.9;

/** @param risk at every rank; the last one is full fine-tuning */
export function verdictOf(risk: Float64Array, recommended: number): Verdict {
  const full = risk.at(-1) ?? 0;
  const lora = risk[recommended] ?? 0;
  if (Math.min(...risk.subarray(1)) >= (risk[0] ?? 0)) return "none";
  if (full < clearlyBetter * lora) return "full";
  return lora < clearlyBetter * full ? "lora" : "tie";
}

/** An adapter as reference knows nothing beyond its rank: it cannot speak for full fine-tuning. */
export function within(verdict: Verdict, referenceRank: number | null): Verdict {
  return verdict === "full" && referenceRank !== null ? "tie" : verdict;
}
