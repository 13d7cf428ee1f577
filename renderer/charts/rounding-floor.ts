/** Where rounding to the storage type alone could stand in a spectrum. Pure. */
import type { Rounding } from "../../src/contract/domain/spectrum.ts";

export interface RoundingFloor {
  /** Singular values of ΔW below this can come from rounding. */
  edge: number;
  note: string;
}

/** Undefined for adapters, which have no floor, and where nothing changed. */
export function roundingFloor(rounding: Rounding | null, dtype: string): RoundingFloor | undefined {
  if (!rounding || rounding.edge <= 0 || rounding.verdict === "identical") return undefined;
  return { edge: rounding.edge, note: `below the ${dtype.toLowerCase()} rounding floor` };
}
