/** Base tensors with the tuned tensors of the same canonical name. */
import { type Alert, makeAlert } from "../../contract/alerts.ts";
import type { MatrixPair, Unpaired, VectorPair } from "../../contract/domain/pair.ts";
import { type MatrixView, readableDtypes } from "../../contract/domain/tensor.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import { filterInTurns, inTurns } from "../turns.ts";
import { dtypeAlerts, onesidedAlerts, wholeAlerts } from "./checkpoint-alerts.ts";
import { EMBEDDING, HEAD, resolveHeads } from "./heads.ts";
import { type Unit, unitsOf } from "./units.ts";

export interface CheckpointPairs {
  matrices: MatrixPair[];
  vectors: VectorPair[];
  unpaired: Unpaired[];
  alerts: Alert[];
}

const READABLE: ReadonlySet<string> = new Set(readableDtypes);

/** Throws `pairing.shape-mismatch` for a difference of shape that is not a resized vocabulary. */
export async function pairCheckpoints(base: Checkpoint, tuned: Checkpoint): Promise<CheckpointPairs> {
  const before = await unitsOf(base);
  const after = await unitsOf(tuned);
  const heads = resolveHeads({ checkpoint: base, units: before.byName }, { checkpoint: tuned, units: after.byName });
  const pairs: CheckpointPairs = {
    matrices: [],
    vectors: [],
    unpaired: [...before.left, ...after.left, ...heads.unpaired],
    alerts: [...wholeAlerts(base, tuned), ...heads.alerts],
  };
  const [left, right] = [withHead(before.byName, heads.base), withHead(after.byName, heads.tuned)];
  const matched = await match(left, right, pairs.unpaired);
  const readable = await filterInTurns(matched, (both) => isReadable(both, pairs.unpaired));
  for await (const part of inTurns(readable)) for (const both of part) addPair(pairs, both, base);
  const place = tuned.source.location;
  pairs.alerts.push(...dtypeAlerts(readable, place), ...onesidedAlerts(pairs.unpaired, place));
  return pairs;
}

type Both = readonly [Unit, Unit];

/** The head comes last, and is what stands for it. */
function withHead(units: Map<string, Unit>, head: Unit | undefined): Map<string, Unit> {
  units.delete(HEAD);
  return head === undefined ? units : units.set(HEAD, head);
}

async function match(before: Map<string, Unit>, after: Map<string, Unit>, unpaired: Unpaired[]): Promise<Both[]> {
  const matched: Both[] = [];
  for await (const part of inTurns(before)) {
    for (const [name, unit] of part) {
      const partner = after.get(name);
      if (partner === undefined) unpaired.push({ name, reason: "missing" });
      else matched.push([unit, partner]);
    }
  }
  for (const name of await filterInTurns(after.keys(), (one) => !before.has(one))) {
    unpaired.push({ name, reason: "extra" });
  }
  return matched;
}

function isReadable([before, after]: Both, unpaired: Unpaired[]): boolean {
  const unreadable = [before, after].find((unit) => !READABLE.has(unit.tensor.dtype));
  if (unreadable === undefined) return true;
  unpaired.push({
    name: before.name,
    reason: "dtype",
    detail: `${unreadable.tensor.dtype} holds no weights that can be compared`,
  });
  return false;
}

function addPair(pairs: CheckpointPairs, [before, after]: Both, base: Checkpoint): void {
  const { name } = before;
  const role = base.family.role(name);
  const [rows, columns] = before.shape;
  if (before.shape.join() === after.shape.join()) {
    if (columns === undefined) pairs.vectors.push(vectorPair(before, after, role));
    else
      pairs.matrices.push({
        name,
        role,
        shape: [rows, columns],
        base: before.view,
        delta: { replacement: after.view },
      });
  } else if (isResizedVocabulary(before, after)) {
    addCommonRows(pairs, [before, after], role);
  } else if (role.group === "head" && columns === undefined && after.shape.length === 1) {
    pairs.unpaired.push({ name, reason: "shape", detail: `[${before.shape}] in the base, [${after.shape}] tuned` });
  } else {
    throw shapeMismatch(before, after);
  }
}

function vectorPair(before: Unit, after: Unit, role: VectorPair["role"]): VectorPair {
  const length = before.shape[0];
  return { name: before.name, role, length, base: before.view, tuned: after.view, mode: "replace", scale: 1 };
}

/** Embedding and head have a row per token; only their row count may change. */
function isResizedVocabulary(before: Unit, after: Unit): boolean {
  const vocabulary = before.name === EMBEDDING || before.name === HEAD;
  return vocabulary && before.shape.length === 2 && after.shape.length === 2 && before.shape[1] === after.shape[1];
}

function addCommonRows(pairs: CheckpointPairs, [before, after]: Both, role: MatrixPair["role"]): void {
  const { name } = before;
  const [rows, tunedRows] = [before.shape[0], after.shape[0]];
  const common = Math.min(rows, tunedRows);
  const shape: [number, number] = [common, before.shape[1] as number];
  const delta = { replacement: firstRows(after.view, common) };
  pairs.matrices.push({ name, role, shape, base: firstRows(before.view, common), delta });
  const reason = tunedRows > rows ? "extra" : "missing";
  const count = Math.abs(tunedRows - rows);
  pairs.unpaired.push({
    name: `${name}[${common}:${common + count}]`,
    reason,
    detail: `${count} rows without a partner`,
  });
  const where = reason === "extra" ? "the tuned checkpoint" : "the base";
  const message = `${name} has ${rows} rows in the base and ${tunedRows} in the tuned checkpoint; the first ${common} are compared, ${count} are only in ${where}.`;
  pairs.alerts.push(makeAlert("pairing.vocabulary", message, name));
}

function firstRows(view: MatrixView, count: number): MatrixView {
  return { ...view, rows: { start: 0, count, step: 1 } };
}

function shapeMismatch(before: Unit, after: Unit): DeltaScopeError {
  const { storedName, shape, path } = after.tensor;
  const message = `${storedName} is [${shape.join(", ")}] in ${path}, but [${before.tensor.shape.join(", ")}] in the base (${before.tensor.path}).`;
  return new DeltaScopeError("pairing.shape-mismatch", message, storedName);
}
