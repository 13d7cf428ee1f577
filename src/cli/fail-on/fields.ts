/** Quantities that a gate may ask for, per run; undefined where the run has no such number. */
import type { AnalysisDocument, ModuleMeasures, RunDocument, RunTotals } from "../../contract/domain/analysis.ts";
import { maximum } from "../../contract/statistics.ts";
import type { Quantities } from "./evaluate.ts";

type Quantity = (document: AnalysisDocument, run: RunDocument) => number | undefined;

function total(name: keyof RunTotals): Quantity {
  return (_, run) => run.totals[name] ?? undefined;
}

function largest(read: (module: ModuleMeasures) => number | null | undefined): Quantity {
  return (_, run) => maximum(run.modules.map(read));
}

/** Alerts of the run and those that concern every run. */
function alertsOf(document: AnalysisDocument, run: RunDocument): AnalysisDocument["alerts"] {
  return document.alerts.filter((alert) => alert.run === undefined || alert.run === run.label);
}

const quantities: ReadonlyMap<string, Quantity> = new Map([
  ["modules", total("modules")],
  ["failed", total("failed")],
  ["intruders", total("intruders")],
  ["undecided", total("undecided")],
  ["modulesWithIntruders", total("modulesWithIntruders")],
  ["deltaFrobenius", total("deltaFrobenius")],
  ["relativeDelta", total("relativeDelta")],
  ["intruderEnergy", total("intruderEnergy")],
  ["meanEffectiveRank", total("meanEffectiveRank")],
  ["alerts", (document, run) => alertsOf(document, run).filter(({ severity }) => severity !== "info").length],
  ["errors", (document, run) => alertsOf(document, run).filter(({ severity }) => severity === "error").length],
  ["module.intruders", largest((module) => module.intruders)],
  ["module.undecided", largest((module) => module.undecided)],
  ["module.relative", largest((module) => module.delta?.relative)],
  ["module.frobenius", largest((module) => module.delta?.frobenius)],
  ["module.spectral", largest((module) => module.delta?.spectral)],
  ["module.pressure", largest((module) => module.pressure)],
  ["module.intruderEnergy", largest((module) => module.intruderEnergy)],
  ["module.effectiveRank", largest((module) => module.delta?.effectiveRank.entropy)],
  ["module.energy90", largest((module) => module.delta?.effectiveRank.energy90)],
]);

export const analysisFields: readonly string[] = [...quantities.keys()];

export function analysisQuantities(document: AnalysisDocument): Quantities {
  return {
    runs: document.runs.map(({ label }) => label),
    read(label, field) {
      const run = document.runs.find((entry) => entry.label === label);
      return run && quantities.get(field)?.(document, run);
    },
  };
}
