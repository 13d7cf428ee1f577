/** Factors as the scorer reads them: for each module `A` [r, in] and `B` [out, r] in float32, ΔW = B·A. */
import type { FactorSum, PlannedTensor } from "../linalg/edit-backend.ts";
import type { EditServices } from "./services.ts";

export interface NamedFactors {
  /** Of the module. */
  name: string;
  /** [out, in] */
  shape: readonly [number, number];
  rank: number;
  sums: readonly FactorSum[];
}

export function factorBytes(modules: readonly NamedFactors[]): number {
  return modules.reduce((sum, { shape, rank }) => sum + 4 * rank * (shape[0] + shape[1]), 0);
}

/** @throws DeltaScopeError what writing throws; then nothing is there */
export async function writeFactors(
  path: string,
  modules: readonly NamedFactors[],
  { edits, threads }: EditServices,
  signal: AbortSignal | undefined,
): Promise<void> {
  await edits.write({ path, tensors: modules.flatMap(tensorsOf), threads }, signal);
}

function tensorsOf({ name, shape: [rows, columns], rank, sums: of }: NamedFactors): PlannedTensor[] {
  return [
    { name: `${name}.A`, dtype: "F32", shape: [rank, columns], source: { kind: "factor", side: "right", of } },
    { name: `${name}.B`, dtype: "F32", shape: [rows, rank], source: { kind: "factor", side: "left", of } },
  ];
}
