/** What the readers of one LoRA adapter share: settings, modules, tensors by module, and the reading that grows. */

import type { Alert } from "../../../contract/alerts.ts";
import type { AdapterSummary, DeltaStatement } from "../../../contract/domain/adapter.ts";
import type { MatrixPair, Unpaired, VectorChange, VectorPair } from "../../../contract/domain/pair.ts";
import type { MatrixView } from "../../../contract/domain/tensor.ts";
import { DeltaScopeError } from "../../../contract/errors.ts";
import type { AdapterPackage, Checkpoint, Tensor } from "../../checkpoint/checkpoint.ts";
import type { Steps } from "../../turns.ts";
import { baseName, nameAlerts } from "../belonging.ts";
import { type LoraConfig, namedBase } from "../config.ts";
import type { Evidence } from "../family.ts";
import type { AdapterKeys, ModuleTensor } from "../keys.ts";
import { type BaseModule, matrixShape } from "../modules.ts";
import type { RankAndAlpha } from "../rank-alpha.ts";
import type { Targeting } from "../targeting.ts";

/** What one family asks of the reader that all families share. */
export interface FamilyRules {
  factors: ReadonlySet<string>;
  shared?: ReadonlySet<string>;
  isInner?(name: string): boolean;
  /** Its targets are stored in full behind this name, norms among them: nothing is wrapped as LoRA does. */
  replacement?: string;
  /** Which token rows it replaces. Without this: `trainable_token_indices`. */
  tokenRows?(context: LoraContext): Map<string, TokenRows>;
  readSettings(adapter: AdapterPackage): Steps<LoraConfig>;
  summarize(adapter: AdapterPackage, config: LoraConfig): AdapterSummary;
  /** What becomes of a wrapped module; undefined where the file has nothing for it. Without this: LoRA's factors. */
  state?(context: LoraContext, module: BaseModule): DeltaStatement | undefined;
  /** What becomes of the bias of a wrapped module. Without this: `lora_bias`. */
  bias?(context: LoraContext, module: BaseModule): VectorChange | undefined;
}

/** Whose tensor gives the rows of a module, and which rows. */
export interface TokenRows {
  owner: string;
  indices: number[];
}

export interface LoraContext {
  rules: FamilyRules;
  adapter: AdapterPackage;
  base: Checkpoint;
  config: LoraConfig;
  keys: AdapterKeys;
  modules: ReadonlyMap<string, BaseModule>;
  /** Some layers of the base are mixtures of experts. */
  hasExperts: boolean;
  /** The file has factors for single experts, as transformers 4 wrote them. */
  hasExpertFactors: boolean;
  targeting: Targeting;
  rankAndAlpha: (wrapped: string) => RankAndAlpha;
  /** Tensors by canonical module name, then by part. */
  tensors: ReadonlyMap<string, ReadonlyMap<string, ModuleTensor>>;
  /** Keys that found their meaning; the others are ignored by peft. */
  used: Set<string>;
  matrices: MatrixPair[];
  vectors: VectorPair[];
  unpaired: Unpaired[];
  alerts: Alert[];
  evidence: Evidence[];
  notes: Notes;
}

/** Names that share one alert each, however many there are. */
export interface Notes {
  /** Targeted modules without tensors. */
  missing: string[];
  /** Full tensors that the configuration does not ask for. */
  replaced: string[];
  /** Modules that get a bias which the base does not have. */
  newBiases: string[];
  /** Modules with DoRA but without magnitudes. */
  withoutMagnitudes: string[];
}

/** Whether a part is one of the family's own tensors. */
export function isFactor(context: LoraContext, part: string): boolean {
  return context.rules.factors.has(part.split(".", 1)[0] ?? part);
}

/** The tensor of a module by part, noted as used. */
export function takeTensor(context: LoraContext, module: string, ...parts: string[]): Tensor | undefined {
  for (const part of parts) {
    const found = context.tensors.get(module)?.get(part);
    if (found === undefined) continue;
    context.used.add(found.key);
    return found.tensor;
  }
  return undefined;
}

/** The base matrix, for deltas that cannot be stated without it. Throws `checkpoint.quantised`. */
export function requireBase(context: LoraContext, module: BaseModule, what: string): MatrixView {
  if (module.weight !== undefined) return module.weight;
  const format = context.base.quantised ?? "an unknown format";
  throw new DeltaScopeError(
    "checkpoint.quantised",
    `${module.name}: ${what} needs the base weights, and base ${baseName(context.base)} is stored in ${format}; ΔW against it would mix training with quantisation error. Use the 16-bit original.`,
    module.name,
  );
}

/** [out, in], for deltas whose tensors do not tell it. Throws `checkpoint.quantised` where the base hides it. */
export function requireShape(context: LoraContext, module: BaseModule, what: string): [number, number] {
  const shape = matrixShape(module);
  if (shape !== undefined) return shape;
  const format = context.base.quantised ?? "an unknown format";
  throw new DeltaScopeError(
    "checkpoint.quantised",
    `${module.name}: ${what} needs the shape of the base weight, and base ${baseName(context.base)} is stored in ${format}, which hides it; config.json does not tell it either. Use the 16-bit original.`,
    module.name,
  );
}

/** A shape error that names module, tensor, both shapes and both models. */
export function shapeMismatch(context: LoraContext, module: string, detail: string): DeltaScopeError {
  const named = namedBase(context.adapter.config);
  const isOther = named !== undefined && nameAlerts(named, context.base).length > 0;
  const origin = isOther ? ` Adapter of ${named}? This base is ${baseName(context.base)}.` : "";
  return new DeltaScopeError("adapter.shape-mismatch", `${module}: ${detail}.${origin}`, module);
}

/** Refuses matrices that are none: shape [0] is what ZeRO-3 saves when nobody gathered the weights. */
export function checkMatrix(context: LoraContext, module: string, part: string, tensor: Tensor): [number, number] {
  const [rows, columns] = tensor.shape;
  if (tensor.shape.length === 2 && rows !== undefined && columns !== undefined && rows > 0 && columns > 0) {
    return [rows, columns];
  }
  const partitioned = tensor.shape.includes(0)
    ? "; the training run saved partitioned weights, save again after gathering"
    : ", a matrix is needed";
  throw shapeMismatch(context, module, `${part} has shape ${showShape(tensor.shape)}${partitioned}`);
}

export function showShape(shape: readonly number[]): string {
  return shape.length === 1 ? `[${shape[0]}]` : `(${shape.join(", ")})`;
}
