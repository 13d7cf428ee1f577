/** Intruders in edited matrices, counted by the test itself. */
import type { DeltaStatement } from "../../contract/domain/adapter.ts";
import type { MatrixPair } from "../../contract/domain/pair.ts";
import type { TensorRef } from "../../contract/domain/tensor.ts";
import { readHeader } from "../linalg/header.ts";
import { measureFlags, type Test } from "./decisions.ts";
import type { OpenedPair } from "./open-pair.ts";
import type { ResolvedEdit } from "./resolve.ts";
import type { EditServices } from "./services.ts";
import { variantFactors } from "./variant.ts";

/**
 * Undefined where the edit is no sum of a stored matrix and factors, or where vectors stay undecided.
 * @throws DeltaScopeError what measuring throws
 */
export async function measuredIntruders(
  opened: OpenedPair,
  pairs: readonly MatrixPair[],
  edit: ResolvedEdit,
  test: Test,
  services: EditServices,
  signal?: AbortSignal,
): Promise<number | undefined> {
  const files = await variantFactors(opened, edit, services, signal);
  if (files === undefined) return undefined;
  const tensors = files.factors === undefined ? new Map<string, TensorRef>() : await tensorsOf(files.factors);
  const edited = pairs.map((pair) => ({ ...pair, delta: editedDelta(pair, tensors) }));
  const flags = await measureFlags(edited, test, services, signal);
  const all = [...flags.values()].flat();
  return all.includes(null) ? undefined : all.filter((flag) => flag === true).length;
}

/** A full checkpoint has its ΔW on disk and factors on top; an adapter's factors are all of it. */
function editedDelta({ name, delta }: MatrixPair, tensors: ReadonlyMap<string, TensorRef>): DeltaStatement {
  const [left, right] = [tensors.get(`${name}.B`), tensors.get(`${name}.A`)];
  const lowRank = left && right ? [{ left: { tensor: left }, right: { tensor: right }, scale: 1 }] : [];
  return delta.replacement ? { replacement: delta.replacement, lowRank } : { lowRank };
}

async function tensorsOf(path: string): Promise<Map<string, TensorRef>> {
  const { tensors, fileSize, mtimeNs } = await readHeader(path);
  return new Map(tensors.map(({ name, ...place }) => [name, { ...place, path, fileSize, mtimeNs }]));
}
