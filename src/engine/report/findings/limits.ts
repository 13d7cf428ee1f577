/** What the numbers do not say: saturated counts, undecided vectors, failed modules, and what was not measured at all. */
import type { Finding } from "../../../contract/domain/finding.ts";
import { formatThreshold } from "../../../contract/format.ts";
import { type Clause, type FindingRun, type FindingSettings, names, run, sentence, text, value } from "./sentence.ts";

function modulesWord(count: number): string {
  return count === 1 ? "module" : "modules";
}

/** Modules in which every tested vector is an intruder: the count there is k, not a measure. */
export function saturated(runs: readonly FindingRun[]): Finding[] {
  const clauses = runs.flatMap((entry): Clause[] => {
    const full = entry.modules.filter(
      ({ vectors, intruders }) => vectors !== null && vectors.length > 0 && intruders === vectors.length,
    );
    if (full.length === 0) return [];
    const parts = [
      run(entry.label),
      text(": every tested vector is an intruder in "),
      value(full.length, modulesWord(full.length), "certified"),
    ];
    return [{ parts, modules: names(full) }];
  });
  return sentence("saturated", "compare", clauses, { after: [text(", so k limits the count there")] });
}

/** Vectors whose bounds lie on both sides of ε. */
export function undecided(runs: readonly FindingRun[], { epsilon }: FindingSettings): Finding[] {
  const clauses = runs.flatMap((entry): Clause[] => {
    const open = entry.modules.filter((module) => (module.undecided ?? 0) > 0);
    const count = open.reduce((sum, module) => sum + (module.undecided ?? 0), 0);
    if (count === 0) return [];
    const parts = [
      run(entry.label),
      text(": "),
      value(count, count === 1 ? "vector" : "vectors", "computed"),
      text(` in ${open.length} ${modulesWord(open.length)}`),
    ];
    return [{ parts, modules: names(open) }];
  });
  return sentence("undecided", "compare", clauses, {
    before: [text(`Undecided, the bounds lie on both sides of ε ${formatThreshold(epsilon)}: `)],
    after: [text("; --exact decides them")],
  });
}

/** Modules that are left out of every number above. */
export function failed(runs: readonly FindingRun[]): Finding[] {
  const clauses = runs.flatMap((entry): Clause[] => {
    const lost = entry.modules.filter(({ status }) => status === "failed");
    if (lost.length === 0) return [];
    const parts = [
      run(entry.label),
      text(": "),
      value(lost.length, "", "computed"),
      text(` of ${entry.modules.length}`),
    ];
    return [{ parts, modules: names(lost) }];
  });
  return sentence("failed", "compare", clauses, { before: [text("Modules that could not be measured: ")] });
}

/** Weights do not show behaviour; said once, so that nobody reads it into the counts. */
export function notMeasured(): Finding[] {
  const words =
    "Old tasks: not measured, which takes an audit of these runs. Weights alone do not show what a model forgot";
  return sentence("old-tasks", "forgetting", [{ parts: [text(words)], modules: [] }]);
}
