/** Full tensors that stand in for the base's: modules_to_save, biases, embeddings, and unexpected ones. */
import { makeAlert } from "../../../contract/alerts.ts";
import type { DeltaStatement } from "../../../contract/domain/adapter.ts";
import type { VectorChange } from "../../../contract/domain/pair.ts";
import type { MatrixView } from "../../../contract/domain/tensor.ts";
import { DeltaScopeError } from "../../../contract/errors.ts";
import type { Tensor } from "../../checkpoint/checkpoint.ts";
import { type BaseModule, elementCount, matrixShape, vectorView } from "../modules.ts";
import { type LoraContext, requireBase, shapeMismatch, showShape, takeTensor } from "./lora-context.ts";
import { firstRows, type Rows } from "./lora-linear.ts";
import { changesBase } from "./lora-variant-formulas.ts";
import { isReplaced, isWrapped, otherSide, rankAndAlphaOf } from "./lora-wrapping.ts";

/** A full matrix of the adapter. */
export interface FullMatrix {
  tensor: Tensor;
  /** Set where its number of rows differs from the base's. */
  rows: Rows | undefined;
  /** It counts as the base's copy until the weights say otherwise. */
  isCopy: boolean;
}

/** Whether `modules_to_save` stores this module: by plain suffix, without a dot, of its name or of a module around it. */
export function isSaved(context: LoraContext, module: BaseModule): boolean {
  const entries = context.config.modules_to_save ?? [];
  if (entries.length === 0) return false;
  const names = selfAndAncestors(module.wrapped);
  if (names.some((name) => entries.some((entry) => name.endsWith(entry)))) return true;
  return isSavedByTying(context, module, entries);
}

/** The full matrix stored for a module, if any. Throws `adapter.tensor-missing` and `adapter.shape-mismatch`. */
export function fullMatrix(context: LoraContext, module: BaseModule, saved: boolean): FullMatrix | undefined {
  const name = fullPart(context, module, "weight");
  const own = takeFull(context, module, name, saved);
  const shared = isApart(context, module) ? undefined : takeOfOtherSide(context, module);
  // Both are loaded into one matrix, the head's last.
  const tensor = module.tiedHead ? (own ?? shared) : (shared ?? own);
  if (tensor === undefined) return undefined;
  const asked = saved || isReplaced(context, module);
  const onVocabulary = isOnVocabulary(module);
  const rows = checkedRows(context, module, name, tensor, onVocabulary);
  const isCopy = onVocabulary && !asked && rows === undefined && !changesBase(context);
  if (!onVocabulary && !asked) context.notes.replaced.push(`${module.name}.${name}`);
  if (!isCopy) requireBase(context, module, `the full matrix ${name}`);
  return { tensor, rows, isCopy };
}

/** Where a full tensor of a module stands in the file. */
function fullPart(context: LoraContext, module: BaseModule, kind: "weight" | "bias"): string {
  if (isReplaced(context, module)) return `${context.rules.replacement}.${kind}`;
  return isWrapped(context, module) ? `base_layer.${kind}` : kind;
}

/** A full weight where the file has it. Throws `adapter.tensor-missing` where `modules_to_save` asks for it. */
function takeFull(context: LoraContext, module: BaseModule, name: string, saved: boolean): Tensor | undefined {
  const tensor = takeTensor(context, module.name, name);
  if (tensor === undefined && saved) throw savedButAbsent(`${module.name}.weight`);
  if (!isReplaced(context, module)) return tensor;
  if (tensor === undefined) context.notes.missing.push(module.name);
  // The frozen weight that peft keeps beside it, and never runs.
  takeTensor(context, module.name, "base_layer.weight");
  return tensor;
}

/** The full tensor of the other side of a tied embedding and head: one matrix in memory, so that both sides run it. */
function takeOfOtherSide(context: LoraContext, module: BaseModule): Tensor | undefined {
  const other = otherSide(context, module);
  if (other === undefined || isApart(context, other)) return undefined;
  return takeTensor(context, other.name, fullPart(context, other, "weight"));
}

/** Trained modules have a matrix of their own, even where the base shares it. */
function isApart(context: LoraContext, module: BaseModule): boolean {
  return isSaved(context, module) || isReplaced(context, module);
}

/** The view of a full matrix that is compared: its common rows. */
export function fullView({ tensor, rows }: FullMatrix): MatrixView {
  return rows === undefined ? { tensor } : firstRows({ tensor }, rows.common);
}

/** Replaced and changed biases of a module, and replaced vectors of norms. */
export function readVectors(context: LoraContext, module: BaseModule, saved: boolean): void {
  if (module.kind === "other") readNorm(context, module, saved);
  const replaced = replacedBias(context, module, saved);
  const isOwn = module.kind === "linear" && isWrapped(context, module);
  const change = isOwn ? (context.rules.bias ?? addedBias)(context, module) : undefined;
  addBias(context, module, replaced, change);
}

function readNorm(context: LoraContext, module: BaseModule, saved: boolean): void {
  const tensor = takeFull(context, module, fullPart(context, module, "weight"), saved);
  if (tensor === undefined) return;
  const base = requireBase(context, module, "a replaced vector");
  if (!saved && !isReplaced(context, module)) context.notes.replaced.push(`${module.name}.weight`);
  if (showShape(tensor.shape) !== showShape(base.tensor.shape)) {
    const detail = `the stored weight has shape ${showShape(tensor.shape)}, the base's ${showShape(base.tensor.shape)}`;
    throw shapeMismatch(context, module.name, detail);
  }
  addVector(context, module, module.name, vectorView(tensor), {
    tensor: base.tensor,
    shape: [1, elementCount(tensor)],
  });
}

function replacedBias(context: LoraContext, module: BaseModule, saved: boolean): Tensor | undefined {
  const { bias } = module;
  if (bias === undefined) return undefined;
  const name = fullPart(context, module, "bias");
  const tensor = takeTensor(context, module.name, name);
  if (tensor === undefined && saved) throw savedButAbsent(`${module.name}.bias`);
  if (tensor === undefined) return undefined;
  const { bias: setting } = context.config;
  // peft looks at the ending alone: AdaLoRA's own is `lora_only`.
  const byTarget = isReplaced(context, module) || (isWrapped(context, module) && setting.endsWith("_only"));
  const expected = saved || setting === "all" || byTarget;
  if (!expected) context.notes.replaced.push(`${module.name}.${name}`);
  checkBias(context, module, name, tensor, elementCount(bias));
  return tensor;
}

/** `lora_bias`: Δb = s·bias, on top of the base's bias or of nothing. */
function addedBias(context: LoraContext, module: BaseModule): VectorChange | undefined {
  const tensor = context.config.lora_bias ? takeTensor(context, module.name, "lora_B.bias") : undefined;
  if (tensor === undefined) return undefined;
  const size = module.bias === undefined ? matrixShape(module)?.[0] : elementCount(module.bias);
  checkBias(context, module, "lora_B.bias", tensor, size ?? elementCount(tensor));
  return { mode: "add", tuned: vectorView(tensor), scale: rankAndAlphaOf(context, module).scale };
}

/** A statement starts from the replaced bias; what is added is a pair of its own. */
function addBias(
  context: LoraContext,
  module: BaseModule,
  replaced: Tensor | undefined,
  change: VectorChange | undefined,
): void {
  const name = `${module.name}.bias`;
  const base = module.bias === undefined ? undefined : vectorView(module.bias);
  const place = { role: { ...module.role, group: "bias" as const }, base };
  if (change?.mode === "stated") {
    const start = replaced ?? module.bias;
    const replacement: DeltaStatement = replaced ? { replacement: columnView(replaced) } : {};
    const delta = { ...replacement, ...change.delta };
    context.vectors.push({ name, ...place, length: start ? elementCount(start) : 0, mode: "stated", delta });
    return;
  }
  if (replaced && base) addVector(context, module, name, vectorView(replaced), base);
  if (change === undefined) return;
  const added = replaced ? `${module.name}.added_bias` : name;
  context.vectors.push({ name: added, ...place, length: elementCount(change.tuned.tensor), ...change });
  if (base === undefined) context.notes.newBiases.push(module.name);
}

function columnView(tensor: Tensor): MatrixView {
  return { tensor, shape: [elementCount(tensor), 1] };
}

function addVector(context: LoraContext, module: BaseModule, name: string, tuned: MatrixView, base: MatrixView): void {
  const role = name.endsWith(".bias") ? { ...module.role, group: "bias" as const } : module.role;
  const length = elementCount(tuned.tensor);
  context.vectors.push({ name, role, length, base, tuned, mode: "replace", scale: 1 });
}

function checkBias(context: LoraContext, module: BaseModule, part: string, tensor: Tensor, size: number): void {
  if (tensor.shape.length === 1 && tensor.shape[0] === size) return;
  throw shapeMismatch(context, module.name, `${part} has shape ${showShape(tensor.shape)}, ${size} values are needed`);
}

/** Undefined where the shapes agree; a differing number of rows is allowed on the vocabulary only. */
function checkedRows(
  context: LoraContext,
  module: BaseModule,
  part: string,
  tensor: Tensor,
  onVocabulary: boolean,
): Rows | undefined {
  const shape = matrixShape(module);
  const [stored = 0, columns] = tensor.shape;
  if (shape === undefined || (tensor.shape.length === 2 && stored === shape[0] && columns === shape[1]))
    return undefined;
  if (!onVocabulary || tensor.shape.length !== 2 || columns !== shape[1] || stored === 0) {
    const detail = `${part} is ${showShape(tensor.shape)}, the base weight is ${showShape(shape)}`;
    throw shapeMismatch(context, module.name, detail);
  }
  const common = Math.min(stored, shape[0]);
  const message = `${module.name} has ${stored} rows in the adapter and ${shape[0]} in the base; the first ${common} are compared, ${Math.abs(stored - shape[0])} are left out.`;
  context.alerts.push(makeAlert("adapter.vocabulary-resized", message, module.name));
  return { common, stored };
}

function isOnVocabulary(module: BaseModule): boolean {
  return module.kind === "embedding" || module.name === "lm_head";
}

function selfAndAncestors(name: string): string[] {
  const parts = name.split(".");
  return parts.map((_, i) => parts.slice(0, i + 1).join("."));
}

/** With `ensure_weight_tying`, saving one side of a tied pair saves both. */
function isSavedByTying(context: LoraContext, module: BaseModule, entries: readonly string[]): boolean {
  if (!context.config.ensure_weight_tying || !context.base.tiedHead || !isOnVocabulary(module)) return false;
  return entries.some((entry) => ["embed_tokens", "lm_head"].includes(entry.split(".").at(-1) ?? ""));
}

function savedButAbsent(tensor: string): DeltaScopeError {
  return new DeltaScopeError(
    "adapter.tensor-missing",
    `\`${tensor}\` is listed in \`modules_to_save\` but not in adapter_model.safetensors.`,
    tensor,
  );
}
