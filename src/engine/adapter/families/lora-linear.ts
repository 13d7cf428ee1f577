/** Low-rank factors of linear layers and embeddings, with DoRA. */
import { makeAlert } from "../../../contract/alerts.ts";
import type { DeltaStatement, LowRankTerm } from "../../../contract/domain/adapter.ts";
import type { MatrixView } from "../../../contract/domain/tensor.ts";
import { DeltaScopeError } from "../../../contract/errors.ts";
import type { Tensor } from "../../checkpoint/checkpoint.ts";
import { type BaseModule, elementCount, matrixShape, vectorView } from "../modules.ts";
import { checkMatrix, type LoraContext, requireBase, shapeMismatch, showShape, takeTensor } from "./lora-context.ts";
import { rankAndAlphaOf } from "./lora-wrapping.ts";

/** Names of one kind of factor pair, and which axes of the base matrix they must fit. */
interface FactorNames {
  first: string;
  second: string;
  /** Name of the base matrix's axis that `first` spans, and that `second` spans. */
  firstAxis: "rows" | "columns";
}

const LINEAR: FactorNames = { first: "lora_A.weight", second: "lora_B.weight", firstAxis: "columns" };
const EMBEDDING: FactorNames = { first: "lora_embedding_A", second: "lora_embedding_B", firstAxis: "rows" };

/** Rows that base and adapter have in common; `stored` where the vocabulary was resized. */
export interface Rows {
  common: number;
  stored: number;
}

/** The low-rank term of a wrapped module; undefined where its tensors are missing and B stays zero. */
export function lowRankTerm(context: LoraContext, module: BaseModule, rows: Rows | undefined): LowRankTerm | undefined {
  const names = module.kind === "embedding" ? EMBEDDING : LINEAR;
  const first = takeTensor(context, module.name, names.first);
  const second = takeTensor(context, module.name, names.second);
  if (second === undefined) return undefined;
  if (first === undefined) throw missingFirst(module.name, names);
  const { rank, scale } = rankAndAlphaOf(context, module);
  checkRank(context, module.name, names, first, second, rank);
  checkFit(context, module, names, first, second, rows);
  return names === EMBEDDING ? embeddingTerm(first, second, scale, rows) : linearTerm(first, second, scale, rows);
}

/** Lays DoRA over a statement. Throws `checkpoint.quantised` where the base cannot be read. */
export function withDora(context: LoraContext, module: BaseModule, delta: DeltaStatement): DeltaStatement {
  const axis = module.kind === "embedding" ? "column" : "row";
  const base = requireBase(context, module, "DoRA");
  const stored = takeTensor(context, module.name, "lora_magnitude_vector", "lora_magnitude_vector.weight");
  if (stored === undefined) {
    context.notes.withoutMagnitudes.push(module.name);
    return { ...delta, dora: { axis } };
  }
  const magnitude = checkedMagnitude(context, module, stored, axis);
  if (delta.replacement === undefined) addNormEvidence(context, module, magnitude, base, axis);
  return { ...delta, dora: { magnitude, axis } };
}

/** A view of the first rows of a matrix. */
export function firstRows(view: MatrixView, count: number): MatrixView {
  return { ...view, rows: { start: 0, count, step: 1 } };
}

function linearTerm(first: Tensor, second: Tensor, scale: number, rows: Rows | undefined): LowRankTerm {
  const left = rows === undefined ? { tensor: second } : firstRows({ tensor: second }, rows.common);
  return { left, right: { tensor: first }, scale };
}

/** ΔE = s·(B·A)ᵀ = s·Aᵀ·Bᵀ. */
function embeddingTerm(first: Tensor, second: Tensor, scale: number, rows: Rows | undefined): LowRankTerm {
  const columns = rows === undefined ? undefined : { start: 0, count: rows.common, step: 1 };
  const left: MatrixView = { tensor: first, transpose: true, ...(columns && { columns }) };
  return { left, right: { tensor: second, transpose: true }, scale };
}

function checkRank(
  context: LoraContext,
  module: string,
  names: FactorNames,
  first: Tensor,
  second: Tensor,
  rank: number,
): void {
  const [firstRank] = checkMatrix(context, module, shortPart(names.first), first);
  const [, secondRank] = checkMatrix(context, module, shortPart(names.second), second);
  if (firstRank !== rank) {
    throw shapeMismatch(
      context,
      module,
      `${shortPart(names.first)} has ${firstRank} rows, adapter_config.json gives rank ${rank}`,
    );
  }
  if (secondRank !== rank) {
    throw shapeMismatch(
      context,
      module,
      `${shortPart(names.second)} has ${secondRank} columns, adapter_config.json gives rank ${rank}`,
    );
  }
}

function checkFit(
  context: LoraContext,
  module: BaseModule,
  names: FactorNames,
  first: Tensor,
  second: Tensor,
  rows: Rows | undefined,
): void {
  const shape = matrixShape(module);
  if (shape === undefined) return;
  const size = { rows: rows?.stored ?? shape[0], columns: shape[1] };
  const secondAxis = names.firstAxis === "rows" ? "columns" : "rows";
  if (second.shape[0] !== size[secondAxis])
    throw misfit(context, module.name, names.second, second, secondAxis, size[secondAxis]);
  if (first.shape[1] !== size[names.firstAxis]) {
    throw misfit(context, module.name, names.first, first, names.firstAxis, size[names.firstAxis]);
  }
}

function misfit(
  context: LoraContext,
  module: string,
  part: string,
  tensor: Tensor,
  axis: "rows" | "columns",
  size: number,
): DeltaScopeError {
  const detail = `${shortPart(part)} is ${showShape(tensor.shape)}, the base weight has ${size} ${axis}`;
  return shapeMismatch(context, module, detail);
}

function missingFirst(module: string, names: FactorNames): DeltaScopeError {
  const first = shortPart(names.first);
  return new DeltaScopeError(
    "adapter.tensor-missing",
    `${module} has ${shortPart(names.second)} but no ${first}; peft would fill ${first} with random numbers.`,
    module,
  );
}

function checkedMagnitude(
  context: LoraContext,
  module: BaseModule,
  stored: Tensor,
  axis: "row" | "column",
): MatrixView {
  const size = matrixShape(module)?.[axis === "row" ? 0 : 1];
  if (size === undefined || elementCount(stored) === size) return vectorView(stored);
  const detail = `lora_magnitude_vector is ${showShape(stored.shape)}, the base weight has ${size} ${axis}s`;
  throw shapeMismatch(context, module.name, detail);
}

function addNormEvidence(
  context: LoraContext,
  module: BaseModule,
  first: MatrixView,
  second: MatrixView,
  axis: "row" | "column",
): void {
  const message = `${module.name}: the DoRA magnitudes are far from the base's ${axis} norms, where training starts.`;
  const alert = makeAlert("adapter.magnitudes-suspicious", message, module.name);
  context.evidence.push({ kind: "near-norms", module: module.name, first, second, axis, alert });
}

function shortPart(part: string): string {
  return part.replace(/\.weight$/u, "");
}
