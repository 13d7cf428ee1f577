/** Address of a module in the Inspector, with the settings of the test that is shown here. */
import type { AppRun, ModuleRow } from "../../../../src/contract/domain/cells.ts";
import type { CompareModel } from "../compare-model.ts";
import { outside, placeKey } from "../model/grid.ts";
import type { Place } from "../model/selection.ts";

/** Undefined while the module is not measured in this run. */
export function inspectorAddress(compare: CompareModel, run: AppRun, place: Place) {
  const row = moduleAt(compare, run, place);
  return row && rowAddress(compare, run, row);
}

export function rowAddress({ search: { k, eps, side } }: Pick<CompareModel, "search">, run: AppRun, row: ModuleRow) {
  const search = { k, eps, side };
  if (row.layer === null || row.expert !== null)
    return { to: "/inspector/$run/m/$name", params: { run: run.id, name: row.name }, search } as const;
  const params = { run: run.id, layer: String(row.layer), kind: row.kind };
  return { to: "/inspector/$run/$layer/$kind", params, search } as const;
}

/** The module of a place; of several the asked expert, else the one with most intruder energy, then most change. */
export function moduleAt(
  { tracks, decide }: CompareModel,
  run: AppRun,
  { layer, kind, expert }: Place,
): ModuleRow | undefined {
  const track = tracks.find((candidate) => candidate.run === run);
  const rows = track?.at.get(placeKey(layer < 0 ? outside : layer, kind)) ?? [];
  if (expert !== undefined) return rows.find((row) => row.expert === expert);
  const weight = (row: ModuleRow) => (decide(row)?.energy ?? 0) * 1e6 + (row.relative ?? 0);
  return rows.reduce<ModuleRow | undefined>(
    (best, row) => (best && weight(best) >= weight(row) ? best : row),
    undefined,
  );
}
