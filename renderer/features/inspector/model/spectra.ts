/** What the two spectrum charts of a module draw. Pure. */
import type { ModuleMeasures } from "../../../../src/contract/domain/analysis.ts";
import type { CosineMap } from "../../../../src/contract/domain/cells.ts";
import { formatCount } from "../../../../src/contract/format.ts";
import { cumulativeEnergy } from "../../../charts/energy.ts";

export interface ModuleSpectra {
  base: readonly number[];
  tuned: readonly number[];
  delta: readonly number[];
  /** Length of a whole spectrum, min(out, in). */
  size: number;
  /** W0 and W hold every value, not only the first. */
  whole: boolean;
}

/** The exact view holds whole spectra; without it the first k of W0 and W are stored. */
export function moduleSpectra(module: ModuleMeasures, map: CosineMap | undefined): ModuleSpectra {
  const size = Math.min(...module.shape);
  const base = map?.base ?? module.base?.singularValues ?? [];
  const tuned = map?.tuned ?? module.tuned?.singularValues ?? [];
  const delta = (module.delta?.singularValues ?? []).filter((value) => value > 0);
  return { base, tuned, delta, size, whole: base.length >= size && tuned.length >= size };
}

/** E(k) of W0: whole with the exact view, its first k against ‖W0‖² without. */
export function baseEnergy(module: ModuleMeasures, { base }: ModuleSpectra): number[] {
  const total = module.base ? module.base.frobenius ** 2 : undefined;
  return cumulativeEnergy(base, total);
}

/** "ΔW stops at 16 = r" where the factors end; undefined for a spectrum of full length. */
export function endNote({ delta, size }: ModuleSpectra, adapterRank: number | null): string | undefined {
  if (delta.length === 0 || delta.length >= size) return undefined;
  return delta.length === adapterRank
    ? `ΔW stops at ${formatCount(delta.length)} = r`
    : `ΔW stops at ${formatCount(delta.length)}`;
}

/** k50 … k99 of ΔW as stored. */
export function energyMarks({ delta }: Pick<ModuleMeasures, "delta">): { name: string; k: number }[] {
  const ranks = delta?.effectiveRank;
  const marks = [
    { name: "k50", k: ranks?.energy50 },
    { name: "k90", k: ranks?.energy90 },
    { name: "k95", k: ranks?.energy95 },
    { name: "k99", k: ranks?.energy99 },
  ];
  return marks.flatMap(({ name, k }) => (k === null || k === undefined ? [] : [{ name, k }]));
}

/** Rough seconds of the exact view: two eigendecompositions in float64 on the smaller side, and two products. */
export function exactViewSeconds([out, input]: readonly [number, number]): number {
  const side = Math.min(out, input);
  const eigen = 3 * (side / 2048) ** 3;
  const products = (4 * out * input * side) / 6e10;
  return eigen + products;
}

/** "Compute map, about 3 s" */
export function exactViewOffer(shape: readonly [number, number]): string {
  const seconds = exactViewSeconds(shape);
  return seconds < 1 ? "Compute map, under 1 s" : `Compute map, about ${Math.round(seconds)} s`;
}
