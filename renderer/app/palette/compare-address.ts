/** The address of Compare that shows one module of one run, changing as little as possible of what is shown. */
import type { AppRun, ModuleRow } from "../../../src/contract/domain/cells.ts";
import { chooseRuns, foldedRuns, mostRuns, toggleFold } from "../../features/compare/model/runs.ts";
import type { CompareSearch } from "../../features/compare/search.ts";

/** The run is added where it is not shown, its track opened where it is folded, its cell selected. */
export function compareAddress(
  all: readonly AppRun[],
  present: CompareSearch,
  run: AppRun,
  row: ModuleRow,
): CompareSearch {
  const runs = withRun(all, present, run);
  const folded = foldedRuns(runs.shown, present.fold);
  const fold = folded.has(run.id) ? toggleFold(runs.shown, folded, run.id) : present.fold;
  return { ...present, runs: runs.named, fold, as: undefined, sel: `${row.layer}.${row.kind}`, at: run.id };
}

function withRun(all: readonly AppRun[], present: CompareSearch, run: AppRun) {
  const { shown } = chooseRuns(all, present);
  if (shown.some(({ id }) => id === run.id)) return { shown, named: present.runs };
  const kept = shown.filter(({ base }) => base.fingerprint === run.base.fingerprint).slice(0, mostRuns - 1);
  const next = [...kept, run];
  return { shown: next, named: next.map(({ id }) => id).join(",") };
}
