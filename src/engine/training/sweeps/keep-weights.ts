/** Deletes the weights that a sweep's policy does not keep, once everything was measured. */
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { SweepSpec } from "../../../contract/domain/training.ts";
import type { Cell } from "./expand.ts";
import { type CellResult, cellFolder, readResult, writeResult } from "./folder.ts";

/** Cells that have results, and weights still. */
export async function keptCells(cells: readonly Cell[], folder: string): Promise<Cell[]> {
  const kept = cells.map(async (cell) => {
    const result = await readResult(cellFolder(folder, cell.sha));
    return result !== undefined && !result.deleted ? [cell] : [];
  });
  return (await Promise.all(kept)).flat();
}

/** `best` keeps, of the runs that differ in their rate only, the one with the lowest loss on held-out rows. */
export async function keepWeights(cell: Cell, cells: readonly Cell[], { folder, keep }: KeepPolicy): Promise<void> {
  if (keep === "all") return;
  if (keep === "spectra") return deleteWeights(cellFolder(folder, cell.sha));
  const rivals = await Promise.all(cells.filter((one) => settingOf(one) === settingOf(cell)).map(withResult(folder)));
  const finished = rivals.filter((one): one is Rival & { result: CellResult } => one.result !== undefined);
  const [best, ...others] = finished.toSorted((one, other) => lossOf(one.result) - lossOf(other.result));
  if (best) await Promise.all(others.map(({ place }) => deleteWeights(place)));
}

export interface KeepPolicy {
  folder: string;
  keep: SweepSpec["keep"];
}

interface Rival {
  place: string;
  result: CellResult | undefined;
}

function withResult(folder: string): (cell: Cell) => Promise<Rival> {
  return async ({ sha }) => {
    const place = cellFolder(folder, sha);
    return { place, result: await readResult(place) };
  };
}

function lossOf({ validationLoss }: CellResult): number {
  return validationLoss ?? Number.POSITIVE_INFINITY;
}

export function settingOf({ variant, seed, noise, subset }: Cell): string {
  return JSON.stringify([variant, seed, noise, subset]);
}

/** Configuration, lines and results stay. */
async function deleteWeights(place: string): Promise<void> {
  const result = await readResult(place);
  if (!result || result.deleted) return;
  const names = (await readdir(place)).filter((name) => name === "final" || /^checkpoint-\d+$/.test(name));
  await Promise.all(names.map((name) => rm(join(place, name), { recursive: true, force: true })));
  await writeResult(place, { ...result, deleted: true });
}
