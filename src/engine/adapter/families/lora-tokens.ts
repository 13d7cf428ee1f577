/** Trainable token rows: new rows of an embedding or head, in the order of the configuration. */
import type { DeltaStatement } from "../../../contract/domain/adapter.ts";
import { DeltaScopeError } from "../../../contract/errors.ts";
import type { Tensor } from "../../checkpoint/checkpoint.ts";
import { invalidConfig, showValue } from "../config.ts";
import { type BaseModule, matrixShape } from "../modules.ts";
import { type LoraContext, requireBase, shapeMismatch, showShape, type TokenRows, takeTensor } from "./lora-context.ts";

/** As a part of LoRA, and as a family of its own. */
const PARTS = ["token_adapter.trainable_tokens_delta", "trainable_tokens_delta"];
const EMBEDDING = "model.embed_tokens";
const HEAD = "lm_head";

/** Token rows by canonical module name. Throws `adapter.config-invalid` for lists that name no module. */
export function tokenRowPlan(context: LoraContext): Map<string, TokenRows> {
  if (context.rules.tokenRows !== undefined) return context.rules.tokenRows(context);
  const setting = context.config.trainable_token_indices;
  if (setting === undefined) return new Map();
  const plan = Array.isArray(setting) ? listPlan(context, setting) : objectPlan(context, setting);
  shareTiedRows(context, plan);
  return plan;
}

/** Whether the two sides of a tied pair have lists of their own. */
export function haveDifferentLists(plan: ReadonlyMap<string, TokenRows>): boolean {
  const embedding = plan.get(EMBEDDING);
  const head = plan.get(HEAD);
  return (embedding === undefined) !== (head === undefined) || embedding?.owner !== head?.owner;
}

/** The replaced rows of a module. Throws `adapter.tensor-missing`, `adapter.shape-mismatch` and `adapter.config-invalid`. */
export function replacedRows(
  context: LoraContext,
  module: BaseModule,
  rows: TokenRows,
): NonNullable<DeltaStatement["replacedRows"]> {
  const tensor = takeTensor(context, rows.owner, ...PARTS);
  if (tensor === undefined) throw missingRows(context, rows.owner);
  requireBase(context, module, "replaced token rows");
  checkRows(context, module, rows.indices, tensor);
  return { indices: rows.indices, values: { tensor } };
}

function listPlan(context: LoraContext, indices: number[]): Map<string, TokenRows> {
  const embedding = [...context.modules.values()].find(({ kind }) => kind === "embedding");
  if (embedding === undefined)
    throw invalidConfig("`trainable_token_indices` is a list, but the base has no embedding.");
  return new Map(indices.length === 0 ? [] : [[embedding.name, { owner: embedding.name, indices }]]);
}

function objectPlan(context: LoraContext, lists: Record<string, number[]>): Map<string, TokenRows> {
  const plan = new Map<string, TokenRows>();
  for (const [entry, indices] of Object.entries(lists)) {
    const found = [...context.modules.values()].filter(({ wrapped }) => wrapped.endsWith(entry));
    if (found.length === 0) {
      throw invalidConfig(
        `\`trainable_token_indices\` names ${showValue(entry)}, which matches none of ${context.modules.size} modules.`,
      );
    }
    if (indices.length > 0) for (const { name } of found) plan.set(name, { owner: name, indices });
  }
  return plan;
}

/** In a tied model the embedding's rows appear in the head too, unless the head has a different list of its own. */
function shareTiedRows(context: LoraContext, plan: Map<string, TokenRows>): void {
  const embedding = plan.get(EMBEDDING);
  if (!context.base.tiedHead || embedding === undefined) return;
  const head = plan.get(HEAD);
  if (head === undefined || isSameList(head.indices, embedding.indices)) plan.set(HEAD, embedding);
  else if (context.config.ensure_weight_tying) {
    throw invalidConfig(
      "`trainable_token_indices` has different lists for two tied modules, but `ensure_weight_tying` is true.",
    );
  }
}

function isSameList(first: readonly number[], second: readonly number[]): boolean {
  return first.length === second.length && first.every((index, i) => index === second[i]);
}

function checkRows(context: LoraContext, module: BaseModule, indices: readonly number[], tensor: Tensor): void {
  const [rows, columns] = matrixShape(module) ?? [];
  const [count, width] = tensor.shape;
  if (tensor.shape.length !== 2 || count !== indices.length || width !== columns) {
    const detail = `trainable_tokens_delta is ${showShape(tensor.shape)}, ${indices.length} rows of ${columns} values are needed`;
    throw shapeMismatch(context, module.name, detail);
  }
  const outside = indices.find((index) => index >= (rows ?? 0));
  if (outside !== undefined) {
    throw invalidConfig(`\`${settingOf(context)}\` holds ${outside}, but ${module.name} has ${rows} rows.`);
  }
}

function settingOf({ rules }: LoraContext): string {
  return rules.tokenRows === undefined ? "trainable_token_indices" : "token_indices";
}

function missingRows(context: LoraContext, module: string): DeltaScopeError {
  return new DeltaScopeError(
    "adapter.tensor-missing",
    `${module} has rows in \`${settingOf(context)}\`, but adapter_model.safetensors has no trainable_tokens_delta for it.`,
    module,
  );
}
