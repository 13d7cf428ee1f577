/** Which modules of a run stand behind its totals; medians beside the totals must speak of the same ones. */
import type { ModuleMeasures, RunDocument } from "./domain/analysis.ts";

/** Modules without embeddings and head. */
export function layerModules(modules: readonly ModuleMeasures[]): ModuleMeasures[] {
  return modules.filter(({ group }) => group !== "embedding" && group !== "head");
}

/** The modules that a document's totals count. */
export function countedModules({
  modules,
  totals,
}: Pick<RunDocument, "modules" | "totals">): readonly ModuleMeasures[] {
  const inLayers = layerModules(modules);
  return totals.modules === inLayers.length ? inLayers : modules;
}
