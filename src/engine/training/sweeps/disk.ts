/** What a sweep writes: the runs that its policy keeps, and those that are under way. */
import type { SweepSpec } from "../../../contract/domain/training.ts";
import { bytesByPart, bytesOfRun } from "../runs/disk.ts";
import type { Cell } from "./expand.ts";
import { settingOf } from "./keep-weights.ts";

/** Bytes at the most: everything that stays, beside the largest run while it trains. */
export async function bytesOfSweep(cells: readonly Cell[], keep: SweepSpec["keep"]): Promise<number> {
  const sizes = new Map<string, Promise<Size>>();
  const sizeOf = (cell: Cell): Promise<Size> => {
    const { base, method, lora, optimizer, save } = cell.config;
    const key = JSON.stringify([base.path, method, lora.rank, optimizer, save]);
    const known = sizes.get(key) ?? measure(cell);
    sizes.set(key, known);
    return known;
  };
  const all = await Promise.all(cells.map(async (cell) => ({ cell, ...(await sizeOf(cell)) })));
  const largest = Math.max(0, ...all.map(({ training }) => training));
  if (keep === "spectra") return largest;
  if (keep === "all") return sum(all.map(({ left }) => left)) + largest;
  const best = new Map<string, number>();
  for (const { cell, left } of all) best.set(settingOf(cell), Math.max(left, best.get(settingOf(cell)) ?? 0));
  return sum([...best.values()]) + largest;
}

interface Size {
  /** While it trains, and when it has ended. */
  training: number;
  left: number;
}

async function measure({ config }: Cell): Promise<Size> {
  const { checkpoint, kept, exported } = await bytesByPart(config);
  return { training: await bytesOfRun(config), left: kept * checkpoint + exported };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
