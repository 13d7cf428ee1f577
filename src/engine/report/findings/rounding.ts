/** What of a full checkpoint's change is only the storage type's grid. */
import type { ModuleMeasures } from "../../../contract/domain/analysis.ts";
import type { Finding, FindingPart } from "../../../contract/domain/finding.ts";
import type { Rounding } from "../../../contract/domain/spectrum.ts";
import { median } from "../../../contract/statistics.ts";
import { type Clause, type FindingRun, names, outOf, run, sentence, text, value } from "./sentence.ts";

/** With less than this share of ‖ΔW‖² above the floor, most of ΔW is rounding. */
const mostlyRounding = 0.5;
/** Where rounding keeps at least this share of a small update there is nothing to say. */
const wellKept = 0.95;

const kinds: readonly { holds: (rounding: Rounding) => boolean; words: string }[] = [
  { holds: ({ verdict }) => verdict === "cast-only", words: "ΔW is only a cast to another type, no training" },
  {
    holds: ({ verdict, signalShare }) =>
      verdict === "within-floor" || (verdict === "above-floor" && signalShare !== null && signalShare < mostlyRounding),
    words: "most of ΔW is rounding",
  },
];

/** "merged: most of ΔW is rounding in 20 of 28 modules." */
export function roundingFloors(runs: readonly FindingRun[]): Finding[] {
  const clauses = runs.flatMap((entry) => kinds.flatMap((kind) => floorClause(entry, kind)));
  return sentence("rounding", "spectra", clauses);
}

function floorClause(entry: FindingRun, { holds, words }: (typeof kinds)[number]): Clause[] {
  const audited = entry.modules.filter(({ rounding }) => rounding !== null);
  const matching = audited.filter(({ rounding }) => rounding !== null && holds(rounding));
  if (matching.length === 0) return [];
  const parts = [
    run(entry.label),
    text(`: ${words} in `),
    value(matching.length, "", "computed"),
    outOf(audited.length, entry.modules.length, "audited"),
  ];
  return [{ parts, modules: names(matching) }];
}

/** "fft: 41.0 % of the weights are bit-identical to the base; rounding kept about 66.3 % of small updates." */
export function unchangedWeights(runs: readonly FindingRun[]): Finding[] {
  const clauses = runs.flatMap((entry): Clause[] => {
    const share = unchangedShare(entry.modules);
    if (share === undefined || share === 0) return [];
    const parts = [run(entry.label), text(" "), value(share * 100, "%", "computed"), ...keptParts(entry.modules)];
    return [{ parts, modules: [] }];
  });
  return sentence("unchanged-weights", "spectra", clauses, { before: [text("Weights bit-identical to the base: ")] });
}

function unchangedShare(modules: readonly ModuleMeasures[]): number | undefined {
  let same = 0;
  let whole = 0;
  for (const { rounding, shape } of modules) {
    if (rounding === null) continue;
    same += rounding.unchangedShare * shape[0] * shape[1];
    whole += shape[0] * shape[1];
  }
  return whole === 0 ? undefined : same / whole;
}

function keptParts(modules: readonly ModuleMeasures[]): FindingPart[] {
  const kept = median(modules.map(({ rounding }) => rounding?.keptSignal));
  if (kept === undefined || kept >= wellKept) return [];
  return [text(" (rounding kept "), value(kept * 100, "%", "estimated"), text(" of small updates)")];
}
