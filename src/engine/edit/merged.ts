/** The full checkpoint that an adapter, or an edit of anything, makes of its base. */
import type { DeltaStatement } from "../../contract/domain/adapter.ts";
import type { MatrixPair } from "../../contract/domain/pair.ts";
import type { MatrixView } from "../../contract/domain/tensor.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import type { Change, EditedModule } from "../linalg/edit-backend.ts";
import { own } from "../source/read-json.ts";
import {
  type CheckpointToWrite,
  isValuePair,
  type Patch,
  placeKey,
  requireWidth,
  type Sum,
  tunedPlace,
  vectorTerms,
} from "./checkpoint-plan.ts";
import { notMergeable } from "./factors.ts";
import { editModule } from "./geometry.ts";
import type { OpenedPair } from "./open-pair.ts";
import { asTrained, type ResolvedEdit } from "./resolve.ts";

const EMBEDDING = "model.embed_tokens";
const HEAD = "lm_head";

export interface MergeQuestion {
  edit: ResolvedEdit;
  /** Element type of all weights; as stored when undefined. */
  dtype: string | undefined;
  /**
   * Embedding and head that share one matrix: `as-peft` writes what `merge_and_unload` writes,
   * `as-running` what the unmerged model computes, with a head of its own where the two differ.
   */
  tied: "as-peft" | "as-running";
}

/** @throws DeltaScopeError `edit.not-possible` with what stands against it */
export function mergedCheckpoint(opened: OpenedPair, question: MergeQuestion): CheckpointToWrite {
  return opened.tuned.kind === "full" ? editedCheckpoint(opened, question) : mergedAdapter(opened, question);
}

/** A full checkpoint: only what the edit names is computed, the rest is copied. */
function editedCheckpoint({ tuned, pairing }: OpenedPair, { edit, dtype }: MergeQuestion): CheckpointToWrite {
  if (tuned.kind !== "full") throw new DeltaScopeError("internal", "An adapter is no layout.");
  requireWidth(tuned);
  const patches = pairing.matrices.flatMap((pair): Patch[] => {
    const change = edit.changes.get(pair.name);
    return change ? [{ place: tunedPlace(pair), module: { ...editModule(pair), ...change } }] : [];
  });
  const vectors = edit.vectorWeight === 1 ? [] : pairing.vectors.filter(isValuePair);
  const sums = vectors.map((pair): Sum => ({ tensor: pair.tuned.tensor, terms: vectorTerms(pair, edit.vectorWeight) }));
  return { layout: tuned, dtype, patches, sums, ownHead: undefined };
}

function mergedAdapter(opened: OpenedPair, question: MergeQuestion): CheckpointToWrite {
  const { base, tuned, pairing } = opened;
  requireWidth(base);
  const reason = notMergeable(opened);
  if (reason !== undefined) {
    const message = `${tuned.source.location} cannot be merged into its base: ${reason}.`;
    throw new DeltaScopeError("edit.not-possible", message, tuned.source.location);
  }
  const { edit, dtype } = question;
  const shared = base.tiedHead ? sharedPairs(pairing.matrices) : [];
  const apart = pairing.matrices.filter((pair) => !shared.includes(pair));
  const tied = tiedPatches(shared, question, isTyingEnsured(opened));
  const vectors = vectorPatches(opened, edit.vectorWeight);
  const patches = [...apart.map((pair) => patchOf(pair, changeOf(pair, edit))), ...tied.patches, ...vectors];
  return { layout: base, dtype, patches, sums: vectorSums(opened, edit.vectorWeight), ownHead: tied.ownHead };
}

function changeOf({ name }: MatrixPair, { changes }: ResolvedEdit): Change {
  return changes.get(name) ?? asTrained;
}

function patchOf(pair: MatrixPair, change: Change): Patch {
  const module: EditedModule = { ...editModule(pair), ...change };
  return { place: module.base, module };
}

/** Vectors that change by a statement are edited as matrices of one column. */
function vectorPatches({ pairing }: OpenedPair, weight: number): Patch[] {
  return pairing.vectors.flatMap((pair): Patch[] => {
    if (pair.mode !== "stated" || !pair.base) return [];
    const place: MatrixView = { tensor: pair.base.tensor, shape: [pair.length, 1] };
    return [{ place, module: { name: pair.name, base: place, delta: pair.delta, weight, vectors: [] } }];
  });
}

/** Several pairs may change one bias: a replacement, and a `lora_bias` on top of it. */
function vectorSums({ pairing }: OpenedPair, weight: number): Sum[] {
  const values = pairing.vectors.filter(isValuePair);
  const groups = Map.groupBy(values, ({ base }) => (base ? placeKey(base.tensor) : ""));
  return [...groups.values()].flatMap((pairs): Sum[] => {
    const tensor = pairs[0]?.base?.tensor;
    if (!tensor) return [];
    const replaced = pairs.filter(({ mode }) => mode === "replace").flatMap((pair) => vectorTerms(pair, weight));
    const added = pairs
      .filter(({ mode }) => mode === "add")
      .flatMap((pair) => vectorTerms({ ...pair, base: undefined }, weight));
    const start = replaced.length > 0 ? replaced : [{ weight: 1, tensor }];
    return [{ tensor, terms: [...start, ...added] }];
  });
}

function sharedPairs(matrices: readonly MatrixPair[]): MatrixPair[] {
  return matrices.filter(({ name }) => name === EMBEDDING || name === HEAD);
}

/** The configuration says that both sides stay one matrix. */
function isTyingEnsured({ tuned }: OpenedPair): boolean {
  return tuned.kind === "adapter" && own(tuned.config, "ensure_weight_tying") === true;
}

interface TiedPatches {
  patches: Patch[];
  ownHead: Patch | undefined;
}

function tiedPatches(pairs: readonly MatrixPair[], question: MergeQuestion, ensured: boolean): TiedPatches {
  if (pairs.length === 0) return { patches: [], ownHead: undefined };
  const changes = pairs.map((pair) => changeOf(pair, question.edit));
  const savedTwice = ensured && pairs.length === 2 && pairs.every(({ delta }) => delta.replacement !== undefined);
  if (savedTwice || isSameOnBothSides(pairs, changes))
    return { patches: [patchFor(pairs, changes, 0)], ownHead: undefined };
  const replaced = pairs.some(({ delta }) => delta.replacement !== undefined);
  if (question.tied === "as-running" || (replaced && !startFromOneMatrix(pairs))) return untiedPatches(pairs, changes);
  const tokens = pairs.length === 2 && pairs.every(({ delta }) => isRowsOnly(delta));
  return { patches: tokens ? rowPatches(pairs, changes) : [summed(pairs, changes)], ownHead: undefined };
}

function isRowsOnly({ replacedRows, replacement, formula, lowRank, dora }: DeltaStatement): boolean {
  return replacedRows !== undefined && !replacement && !formula && !lowRank && !dora;
}

function patchFor(pairs: readonly MatrixPair[], changes: readonly Change[], index: number): Patch {
  return patchOf(pairs[index] as MatrixPair, changes[index] as Change);
}

/** Replaced matrices and rows that both sides share; factors are never shared, each side adds its own. */
function isSameOnBothSides(pairs: readonly MatrixPair[], changes: readonly Change[]): boolean {
  const [one, other] = pairs;
  if (!one || !other || (one.delta.lowRank ?? other.delta.lowRank)) return false;
  const same =
    JSON.stringify([one.delta, changes[0]], noBigInt) === JSON.stringify([other.delta, changes[1]], noBigInt);
  return same && (changes[0]?.vectors.length ?? 0) === 0;
}

function noBigInt(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}

/** Each side with its own matrix; a side that nothing changes keeps the shared one. */
function untiedPatches(pairs: readonly MatrixPair[], changes: readonly Change[]): TiedPatches {
  const [embedding, head] = [EMBEDDING, HEAD].map((name) => pairs.findIndex((pair) => pair.name === name));
  const inPlace = embedding === undefined || embedding < 0 ? [] : [patchFor(pairs, changes, embedding)];
  const ownHead = head === undefined || head < 0 ? unchangedHead(pairs) : patchFor(pairs, changes, head);
  return { patches: inPlace, ownHead };
}

/** W0 itself, as a patch that changes nothing. */
function unchangedHead([pair]: readonly MatrixPair[]): Patch {
  const { base } = editModule(pair as MatrixPair);
  return { place: base, module: { name: HEAD, base, delta: { lowRank: [] }, weight: 0, vectors: [] } };
}

/** Another matrix in place of the shared one, on both sides: what the adapter was trained on, or what a start left. */
function startFromOneMatrix(pairs: readonly MatrixPair[]): boolean {
  const [one, other] = pairs.map(({ delta }) => delta.replacement?.tensor);
  return one !== undefined && one === other;
}

/** Both deltas on the shared matrix, as one after the other is merged there. */
function summed(pairs: readonly MatrixPair[], changes: readonly Change[]): Patch {
  const [first] = pairs as [MatrixPair];
  if (pairs.length === 1) return patchFor(pairs, changes, 0);
  const { replacement } = first.delta;
  const deltas = pairs.map(({ delta: { replacement: _, ...rest } }) => rest);
  const plain = deltas.every(isSumOfFactors) && changes.every(({ vectors }) => vectors.length === 0);
  const weights = changes.map(({ weight }) => weight);
  if (plain && replacement === undefined) {
    const lowRank = deltas.flatMap(({ lowRank = [] }, index) =>
      lowRank.map((term) => ({ ...term, scale: term.scale * (weights[index] ?? 1) })),
    );
    return patchOf({ ...first, delta: { lowRank } }, asTrained);
  }
  if (plain && replacement !== undefined && weights.every((weight) => weight === weights[0])) {
    const lowRank = deltas.flatMap(({ lowRank = [] }) => lowRank);
    return patchOf({ ...first, delta: { replacement, lowRank } }, changes[0] ?? asTrained);
  }
  const message = `${pairs.map(({ name }) => name).join(" and ")} share one matrix and change it in different ways.`;
  throw new DeltaScopeError("edit.not-possible", message, first.name);
}

/** Nothing but factors, which may be none. */
function isSumOfFactors({ lowRank, ...others }: DeltaStatement): boolean {
  return Object.keys(others).length === 0;
}

/** Token rows of both sides, each row a window of the shared matrix; of a row that both have the head's comes last. */
function rowPatches(pairs: readonly MatrixPair[], changes: readonly Change[]): Patch[] {
  const rows = new Map<number, Patch>();
  pairs.forEach((pair, index) => {
    const { indices, values } = pair.delta.replacedRows ?? { indices: [], values: undefined };
    indices.forEach((row, position) => {
      const base = rowOf(editModule(pair).base, row);
      const delta: DeltaStatement = values ? { replacement: rowOf(values, position) } : { lowRank: [] };
      const module = { name: `${pair.name}[${row}]`, base, delta, ...(changes[index] ?? asTrained) };
      rows.set(row, { place: base, module });
    });
  });
  return [...rows.values()];
}

function rowOf(view: MatrixView, row: number): MatrixView {
  return { ...view, rows: { start: (view.rows?.start ?? 0) + row, count: 1, step: 1 } };
}
