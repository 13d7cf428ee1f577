/** Coefficients at places that torch draws from a seed: what FourierFT and WaveFT share. */
import type { MatrixView } from "../../../contract/domain/tensor.ts";
import { elementCount, vectorView } from "../modules.ts";
import { type FormulaModule, part, unsupported, wholeSetting } from "./formula-family.ts";
import { shapeMismatch } from "./lora-context.ts";

/** From here on torch draws a permutation from 64 bits at a time. */
const MOST_ENTRIES = 214_748_364;

/** The generator takes 32 bits of a seed. */
const SEEDS = 2 ** 32;

/** The coefficients of a module and the seed of their places. Throws `adapter.unsupported` and `adapter.shape-mismatch`. */
export function randomPlaces(module: FormulaModule, factor: string): { spectrum: MatrixView; seed: number } {
  const { rows, columns, context } = module;
  if (rows * columns >= MOST_ENTRIES) {
    throw unsupported(
      `${module.module.name} has ${rows} × ${columns} entries; the random places of ${context.adapter.type} are known below ${MOST_ENTRIES} entries.`,
    );
  }
  const tensor = part(module, factor, [undefined]);
  if (elementCount(tensor) > rows * columns) {
    const detail = `${factor} has ${elementCount(tensor)} coefficients for the ${rows * columns} entries of the base weight`;
    throw shapeMismatch(context, module.module.name, detail);
  }
  return { spectrum: vectorView(tensor), seed: seedOf(context.adapter.config) };
}

/** Throws `adapter.config-invalid`. */
export function seedOf(config: Record<string, unknown>): number {
  const seed = wholeSetting(config, "random_loc_seed", 777, Number.MIN_SAFE_INTEGER);
  return ((seed % SEEDS) + SEEDS) % SEEDS;
}
