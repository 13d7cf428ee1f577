/** The selected module in every run: stored scalars at once, the whole record when it has come. */
import { useQueries } from "@tanstack/react-query";
import type { ModuleMeasures } from "../../../../src/contract/domain/analysis.ts";
import type { AppRun, ModuleRow } from "../../../../src/contract/domain/cells.ts";
import { useEngine } from "../../../client/engine.ts";
import { moduleQuery } from "../../../client/queries.ts";
import type { CompareModel } from "../compare-model.ts";
import type { Place } from "../model/selection.ts";
import type { Decision } from "../model/test-settings.ts";
import { moduleAt } from "./inspector-address.ts";

export interface SelectedModule {
  run: AppRun;
  row: ModuleRow | undefined;
  decision: Decision | undefined;
  measures: ModuleMeasures | undefined;
}

export function useSelectedModules(compare: CompareModel, place: Place): readonly SelectedModule[] {
  const engine = useEngine();
  const rows = compare.runs.map((run) => moduleAt(compare, run, place));
  const records = useQueries({
    queries: compare.runs.map((run, index) => ({
      ...moduleQuery(engine, run.id, rows[index]?.name ?? ""),
      enabled: rows[index]?.status === "measured",
      staleTime: Number.POSITIVE_INFINITY,
    })),
  });
  return compare.runs.map((run, index) => {
    const row = rows[index];
    return { run, row, decision: row && compare.decide(row), measures: records[index]?.data };
  });
}

/** The run in question: the one whose track holds the selection, else the one with most intruder energy here. */
export function mainModule({ at }: CompareModel, modules: readonly SelectedModule[]): SelectedModule | undefined {
  const measured = modules.filter(({ row }) => row?.status === "measured");
  const held = measured.find(({ run }) => run === at);
  if (held) return held;
  return measured.reduce<SelectedModule | undefined>(
    (best, module) => ((module.decision?.energy ?? 0) > (best?.decision?.energy ?? -1) ? module : best),
    undefined,
  );
}
