/** How many intruder dimensions each run has, where most of them are, and what they weigh. */
import type { ModuleMeasures } from "../../../contract/domain/analysis.ts";
import type { Finding, FindingPart } from "../../../contract/domain/finding.ts";
import { mostLayers } from "./places.ts";
import {
  type Clause,
  type FindingRun,
  type FindingSettings,
  names,
  outOf,
  run,
  sentence,
  testSettings,
  text,
  value,
} from "./sentence.ts";

function withIntruders({ modules }: FindingRun): ModuleMeasures[] {
  return modules.filter(({ intruders }) => (intruders ?? 0) > 0);
}

function dimensions(count: number): string {
  return count === 1 ? "intruder dimension" : "intruder dimensions";
}

/** The run with most comes first: a strip with many runs shows only the beginning. "lora-r4: 23 intruder dimensions in 9 of 28 modules, most in layers 2–3; fft: none (k 10, ε 0.50)." */
export function intruderCounts(runs: readonly FindingRun[], settings: FindingSettings): Finding[] {
  if (runs.every(({ totals }) => totals.intruders === null)) return [];
  const ordered = runs.toSorted((one, other) => (other.totals.intruders ?? -1) - (one.totals.intruders ?? -1));
  return sentence("intruders", "compare", ordered.map(countClause), { after: [testSettings(settings)] });
}

function countClause(entry: FindingRun): Clause {
  return { parts: [run(entry.label), text(": "), ...countParts(entry)], modules: names(withIntruders(entry)) };
}

function countParts(entry: FindingRun): FindingPart[] {
  const { intruders, undecided } = entry.totals;
  if (intruders === null) return [text("not tested")];
  if (intruders === 0) return [text(undecided ? "none proven" : "none")];
  const marked = withIntruders(entry);
  const tested = entry.modules.filter((module) => module.intruders !== null).length;
  const layers = mostLayers(marked, entry.modules);
  return [
    text(undecided ? "at least " : ""),
    value(intruders, dimensions(intruders), "certified"),
    text(` in ${marked.length}`),
    outOf(tested, entry.modules.length, "tested"),
    text(layers === undefined ? "" : `, most in ${layers}`),
  ].filter((part) => !("text" in part) || part.text !== "");
}

/** Counts saturate at k, energy does not: no count without its energy. */
export function intruderEnergies(runs: readonly FindingRun[]): Finding[] {
  const clauses = runs.flatMap((entry): Clause[] => {
    const { intruders, intruderEnergy } = entry.totals;
    if (!intruders || intruderEnergy === null) return [];
    const parts = [run(entry.label), text(" "), value(intruderEnergy * 100, "%", "computed")];
    return [{ parts, modules: names(withIntruders(entry)) }];
  });
  return sentence("intruder-energy", "compare", clauses, {
    before: [text("Share of ‖ΔW‖² that lies along the intruder dimensions: ")],
  });
}

/** How new the intruders are against a random direction of the same width. */
export function intruderWords(runs: readonly FindingRun[]): Finding[] {
  const clauses = runs.flatMap((entry): Clause[] => {
    const intruders = entry.modules.flatMap(({ vectors }) => vectors ?? []).filter(({ intruder }) => intruder);
    const random = intruders.filter(({ word }) => word === "indistinguishable from random").length;
    if (random === 0) return [];
    const parts = [
      run(entry.label),
      text(": "),
      value(random, "", "computed"),
      text(` of ${intruders.length} match the base no better than a random direction would`),
    ];
    return [{ parts, modules: names(withIntruders(entry)) }];
  });
  return sentence("intruder-null", "compare", clauses, { after: [text(" (p ≥ 0.001)")] });
}
