/** What every tensor of a written checkpoint holds: copied, changed element by element, or with edited matrices in it. */
import type { MatrixPair, VectorPair } from "../../contract/domain/pair.ts";
import type { MatrixView, TensorRef } from "../../contract/domain/tensor.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import type { Checkpoint, Tensor } from "../checkpoint/checkpoint.ts";
import type { EditedModule, PlannedTensor, TensorSource } from "../linalg/edit-backend.ts";

/** An edited matrix, and the window of a stored tensor that it takes. */
export interface Patch {
  place: MatrixView;
  module: EditedModule;
}

/** Σ weight·tensor in place of a stored tensor. */
export interface Sum {
  /** The tensor whose place it takes. */
  tensor: TensorRef;
  terms: { weight: number; tensor: TensorRef }[];
}

export interface CheckpointToWrite {
  /** Whose names, files, shapes and side files the output has. */
  layout: Checkpoint;
  /** Element type of all weights; that of each tensor of the layout when undefined. */
  dtype: string | undefined;
  patches: readonly Patch[];
  sums: readonly Sum[];
  /** A head of its own for a model whose files hold none: the shared matrix with this patch. */
  ownHead: Patch | undefined;
}

/** A file of the output with what it holds, and the patches to compare once it is written. */
export interface PlannedFile {
  name: string;
  tensors: PlannedTensor[];
}

const HEAD = "lm_head.weight";
const FLOATS: ReadonlySet<string> = new Set(["F64", "F32", "F16", "BF16"]);
const BYTES: ReadonlyMap<string, number> = new Map([
  ["F64", 8],
  ["F32", 4],
  ["F16", 2],
  ["BF16", 2],
]);

/** Identity of stored bytes. */
export function placeKey({ path, begin }: TensorRef): string {
  return `${begin} ${path}`;
}

/**
 * Files in the layout's order, under the names that transformers gives.
 * @throws DeltaScopeError `edit.not-possible` for changes that the layout has no place for, or in two at once
 */
export function planFiles(plan: CheckpointToWrite): PlannedFile[] {
  const patches = Map.groupBy(plan.patches, ({ place }) => placeKey(place.tensor));
  const sums = new Map(plan.sums.map((sum) => [placeKey(sum.tensor), sum]));
  requirePlaces(plan);
  const shards = Map.groupBy(plan.layout.tensors.values(), ({ path }) => path);
  const planned = [...shards.values()].map((tensors) =>
    tensors.map((tensor) => planTensor(tensor, patches.get(placeKey(tensor)), sums.get(placeKey(tensor)), plan)),
  );
  const head = plan.ownHead;
  if (head) planned.at(-1)?.push(withSource(head.place.tensor, HEAD, [head], plan));
  return planned.map((tensors, index) => ({ name: fileName(index, planned.length), tensors }));
}

/** Two different matrices cannot take one place, and every place must be in the layout's files. */
function requirePlaces({ layout, patches, sums }: CheckpointToWrite): void {
  const known = new Set([...layout.tensors.values()].map(placeKey));
  const taken = new Map<string, string>();
  for (const { place, module } of patches) {
    const key = `${placeKey(place.tensor)} ${place.offset ?? 0} ${place.rows?.start ?? 0} ${place.columns?.start ?? 0}`;
    const other = taken.get(key);
    if (other !== undefined) throw notPossible(module.name, `${module.name} and ${other} share one stored matrix`);
    if (!known.has(placeKey(place.tensor))) throw notPossible(module.name, `${module.name} has no tensor of its own`);
    taken.set(key, module.name);
  }
  const lost = sums.find(({ tensor }) => !known.has(placeKey(tensor)));
  if (lost) throw notPossible(layout.source.location, "a vector that changes has no tensor of its own");
}

function notPossible(where: string, reason: string): DeltaScopeError {
  return new DeltaScopeError("edit.not-possible", `The edit cannot be written as one checkpoint: ${reason}.`, where);
}

function planTensor(
  tensor: Tensor,
  patches: readonly Patch[] | undefined,
  sum: Sum | undefined,
  plan: CheckpointToWrite,
): PlannedTensor {
  if (patches) return withSource(tensor, tensor.storedName, patches, plan);
  const dtype = dtypeOf(tensor, plan);
  const { storedName: name, shape } = tensor;
  if (sum) return { name, dtype, shape, source: { kind: "sum", terms: sum.terms } };
  const source: TensorSource =
    dtype === tensor.dtype ? { kind: "copy", tensor } : { kind: "sum", terms: [{ weight: 1, tensor }] };
  return { name, dtype, shape, source };
}

function withSource(
  tensor: TensorRef,
  name: string,
  patches: readonly Patch[],
  plan: CheckpointToWrite,
): PlannedTensor {
  return { name, dtype: dtypeOf(tensor, plan), shape: tensor.shape, source: { kind: "matrix", tensor, patches } };
}

/** Weights in the asked type; indices and the like stay as they are. */
function dtypeOf(tensor: TensorRef, { dtype }: CheckpointToWrite): string {
  return dtype !== undefined && FLOATS.has(tensor.dtype) ? dtype : tensor.dtype;
}

function fileName(index: number, count: number): string {
  if (count === 1) return "model.safetensors";
  const five = (value: number): string => String(value).padStart(5, "0");
  return `model-${five(index + 1)}-of-${five(count)}.safetensors`;
}

/** Bytes of a planned tensor's values. */
export function tensorBytes({ dtype, shape, source }: PlannedTensor): number {
  if (source.kind === "copy") return source.tensor.end - source.tensor.begin;
  return shape.reduce((product, length) => product * length, BYTES.get(dtype) ?? 0);
}

/** 8-bit weights are stored values times scales; an edited value has no place among them. */
export function requireWidth({ tensors, source, quantised, dequantised }: Checkpoint): void {
  const narrow = [...tensors.values()].find(({ dtype }) => dtype.startsWith("F8"));
  const how = quantised ?? dequantised ?? narrow?.dtype;
  if (how === undefined) return;
  throw new DeltaScopeError(
    "edit.not-possible",
    `${source.location} is stored in ${how}; edits are written to checkpoints of 16 or 32 bits only.`,
    source.location,
  );
}

/** A 1-D tensor that changes by stored values. */
export type ValuePair = Exclude<VectorPair, { mode: "stated" }>;

export function isValuePair(pair: VectorPair): pair is ValuePair {
  return pair.mode !== "stated";
}

/** The new value of a 1-D tensor: base + weight·(tuned − base), by the pair's own rule. */
export function vectorTerms(
  { base, tuned, mode, scale }: ValuePair,
  weight: number,
): { weight: number; tensor: TensorRef }[] {
  // Some families store a bias as a row.
  const after = { ...tuned.tensor, shape: [tuned.tensor.shape.reduce((product, size) => product * size, 1)] };
  const before = base ? [{ weight: mode === "add" ? 1 : 1 - weight, tensor: base.tensor }] : [];
  return [...before, { weight: mode === "add" ? weight * scale : weight, tensor: after }].filter(
    (term) => term.weight !== 0,
  );
}

/** Where the tuned matrix of a full checkpoint lies. */
export function tunedPlace({ name, delta }: MatrixPair): MatrixView {
  if (delta.replacement) return delta.replacement;
  throw new DeltaScopeError("internal", `${name} has no tuned matrix.`, name);
}
