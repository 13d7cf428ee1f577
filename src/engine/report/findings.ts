/** The sentences that the program derives from an analysis, in the order of the questions a reader has. */
import type { Finding } from "../../contract/domain/finding.ts";
import { intruderCounts, intruderEnergies, intruderWords } from "./findings/intruders.ts";
import { failed, notMeasured, saturated, undecided } from "./findings/limits.ts";
import { intruderKinds } from "./findings/places.ts";
import { roundingFloors, unchangedWeights } from "./findings/rounding.ts";
import type { FindingRun, FindingSettings } from "./findings/sentence.ts";
import { relativeChanges, spreads, unchanged, vectorChanges } from "./findings/size.ts";

/** @param runs with the modules that count in their totals. */
export function deriveFindings(runs: readonly FindingRun[], settings: FindingSettings): Finding[] {
  if (runs.length === 0) return [];
  return [
    ...intruderCounts(runs, settings),
    ...intruderKinds(runs),
    ...intruderEnergies(runs),
    ...intruderWords(runs),
    ...relativeChanges(runs),
    ...vectorChanges(runs),
    ...spreads(runs),
    ...unchangedWeights(runs),
    ...roundingFloors(runs),
    ...unchanged(runs),
    ...saturated(runs),
    ...undecided(runs, settings),
    ...failed(runs),
    ...notMeasured(),
  ];
}
