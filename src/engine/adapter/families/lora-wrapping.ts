/** Which modules LoRA wraps: by `target_modules`, by `target_parameters`, by tying, or as a part of fused experts. */
import { type BaseModule, matrixShape } from "../modules.ts";
import type { RankAndAlpha } from "../rank-alpha.ts";
import { isFactor, type LoraContext } from "./lora-context.ts";
import { movesWeights } from "./lora-variants.ts";

/** The three matrices of a gated feed-forward layer, as one expert or as a dense layer. */
const FEED_FORWARD = /^(?<mlp>.*\.mlp)\.(?:(?<experts>experts\.\d+)\.)?(?<kind>gate_proj|up_proj|down_proj)$/u;

const SINGLE_EXPERT = /\.experts\.\d+\.[^.]+$/u;

/** Whether LoRA wraps this module. */
export function isWrapped(context: LoraContext, module: BaseModule): boolean {
  if (module.kind === "other" || context.rules.replacement !== undefined) return false;
  if (context.targeting.unsupported.length > 0) return hasFactors(context, module);
  if (isModuleOfItsOwn(context, module) && isTarget(context, module)) return true;
  if (isParameterTarget(context, module)) return true;
  if (isTiedToTarget(context, module)) return true;
  return fusedParameterOf(context, module) !== undefined && hasFactors(context, module);
}

/** Whether the family stores this module in full. */
export function isReplaced(context: LoraContext, module: BaseModule): boolean {
  if (context.rules.replacement === undefined) return false;
  return context.targeting.unsupported.length > 0 ? hasFactors(context, module) : isTarget(context, module);
}

/** Whether `target_modules` names the module. */
export function isTarget(context: LoraContext, module: BaseModule): boolean {
  return context.targeting.isTarget({ ...module, isHead: module.role.group === "head" || module.name === "lm_head" });
}

/**
 * Rank and scale of a module with factors of its own. Where the configuration speaks of fused experts and the file of
 * single ones, gate and up have half of the fused rank each, with the fused scale.
 */
export function rankAndAlphaOf(context: LoraContext, module: BaseModule): RankAndAlpha {
  const { rank, alpha, scale } = statedRank(context, module);
  const isCut = movesWeights(context.config) && module.kind !== "embedding";
  return { rank: isCut ? Math.min(rank, ...(matrixShape(module) ?? [])) : rank, alpha, scale };
}

function statedRank(context: LoraContext, module: BaseModule): RankAndAlpha {
  if (isTarget(context, module)) return context.rankAndAlpha(module.wrapped);
  if (isParameterTarget(context, module)) return context.rankAndAlpha(`${module.wrapped}.weight`);
  const fused = fusedParameterOf(context, module);
  if (fused === undefined) return context.rankAndAlpha(module.wrapped);
  const { rank, alpha, scale } = context.rankAndAlpha(fused);
  return fused.endsWith(".gate_up_proj") ? { rank: rank / 2, alpha: alpha / 2, scale } : { rank, alpha, scale };
}

/** The targeted fused parameter that the module is, or would be, a part of: `….mlp.experts.gate_up_proj`. */
export function fusedParameterOf(context: LoraContext, module: BaseModule): string | undefined {
  const place = FEED_FORWARD.exec(module.wrapped)?.groups;
  if (place === undefined || (place.experts === undefined && !context.hasExperts)) return undefined;
  const parameter = `${place.mlp}.experts.${place.kind === "down_proj" ? "down_proj" : "gate_up_proj"}`;
  return context.targeting.isTargetParameter(parameter) ? parameter : undefined;
}

/** The running model fuses its experts: single ones can be targets only of an adapter that has factors for them. */
function isModuleOfItsOwn(context: LoraContext, module: BaseModule): boolean {
  return context.hasExpertFactors || !SINGLE_EXPERT.test(module.wrapped);
}

/** Whether the module is a matrix of one expert inside a targeted fused parameter. */
export function isFusedExpert(context: LoraContext, module: BaseModule): boolean {
  return SINGLE_EXPERT.test(module.wrapped) && fusedParameterOf(context, module) !== undefined;
}

function isParameterTarget(context: LoraContext, module: BaseModule): boolean {
  return context.targeting.isTargetParameter(`${module.wrapped}.weight`);
}

function hasFactors(context: LoraContext, module: BaseModule): boolean {
  const parts = [...(context.tensors.get(module.name)?.keys() ?? [])];
  return parts.some((part) => isFactor(context, part));
}

/** The other side of a tied embedding and head under `ensure_weight_tying`. */
export function tiedPartner(context: LoraContext, module: BaseModule): BaseModule | undefined {
  return context.config.ensure_weight_tying ? otherSide(context, module) : undefined;
}

/** The head of an embedding that share one matrix, and the embedding of that head. */
export function otherSide(context: LoraContext, module: BaseModule): BaseModule | undefined {
  if (!context.base.tiedHead) return undefined;
  if (module.name === "lm_head") return context.modules.get("model.embed_tokens");
  return module.name === "model.embed_tokens" ? context.modules.get("lm_head") : undefined;
}

/** Targeting one side of such a pair adapts both. */
function isTiedToTarget(context: LoraContext, module: BaseModule): boolean {
  const partner = tiedPartner(context, module);
  return partner !== undefined && isTarget(context, partner);
}
