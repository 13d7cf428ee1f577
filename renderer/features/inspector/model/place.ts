/** Which module an address means, and which one comes next. Pure. */
import { decide } from "../../../../src/contract/decide.ts";
import type { ModuleRow } from "../../../../src/contract/domain/cells.ts";
import type { TestSettings } from "./tested.ts";

export interface ModuleAddress {
  run: string;
  layer?: string;
  kind?: string;
  name?: string;
}

/** The row that an address names; undefined when the run has none. */
export function rowAt(rows: readonly ModuleRow[], { layer, kind, name }: ModuleAddress): ModuleRow | undefined {
  if (name !== undefined) return rows.find((row) => row.name === name);
  const inLayer = rows.filter((row) => row.kind === kind && String(row.layer) === layer);
  return inLayer.find((row) => row.expert === null) ?? inLayer[0];
}

/** Route and parameters of a module; modules outside the layers and experts go by name. */
export function addressOf(run: string, row: Pick<ModuleRow, "layer" | "kind" | "name" | "expert">) {
  return row.layer === null || row.expert !== null
    ? ({ to: "/inspector/$run/m/$name", params: { run, name: row.name } } as const)
    : ({ to: "/inspector/$run/$layer/$kind", params: { run, layer: String(row.layer), kind: row.kind } } as const);
}

/** Order in which modules follow each other: as in the network. */
const kindOrder = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"];

export function inOrder(rows: readonly ModuleRow[]): ModuleRow[] {
  return [...rows].sort(
    (a, b) =>
      (a.layer ?? Number.POSITIVE_INFINITY) - (b.layer ?? Number.POSITIVE_INFINITY) ||
      kindRank(a.kind) - kindRank(b.kind) ||
      (a.expert ?? -1) - (b.expert ?? -1) ||
      a.name.localeCompare(b.name, "en"),
  );
}

export function kindRank(kind: string): number {
  const rank = kindOrder.indexOf(kind);
  return rank < 0 ? kindOrder.length : rank;
}

/** Whether a module has intruders at these settings, as far as its stored bounds tell. */
export function hasIntruders(row: ModuleRow, { k, epsilon, side }: TestSettings): boolean {
  const bounds = row.bounds[side];
  return bounds !== null && decide(bounds, k, epsilon).intruders > 0;
}

/** The next or previous row that passes, going round; undefined when no other does. */
export function neighbour(
  rows: readonly ModuleRow[],
  from: ModuleRow | undefined,
  step: 1 | -1,
  passes: (row: ModuleRow) => boolean,
): ModuleRow | undefined {
  const ordered = inOrder(rows);
  const start = from ? ordered.findIndex(({ name }) => name === from.name) : step > 0 ? -1 : ordered.length;
  for (let offset = 1; offset <= ordered.length; offset += 1) {
    const candidate = ordered[(start + step * offset + ordered.length * 2) % ordered.length];
    if (candidate && candidate.name !== from?.name && passes(candidate)) return candidate;
  }
  return undefined;
}

/** "1 of 9": place of a module among those that pass; undefined when it does not pass itself. */
export function placeAmong(
  rows: readonly ModuleRow[],
  row: ModuleRow | undefined,
  passes: (row: ModuleRow) => boolean,
): { index: number | undefined; count: number } {
  const passing = inOrder(rows).filter(passes);
  const index = passing.findIndex(({ name }) => name === row?.name);
  return { index: index < 0 ? undefined : index + 1, count: passing.length };
}
