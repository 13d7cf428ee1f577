/** Variants of LoRA whose ΔW is more than s·B·A: what was taken out of the base, block-diagonal factors. */
import { z } from "zod";
import { makeAlert } from "../../../contract/alerts.ts";
import type { DeltaStatement } from "../../../contract/domain/adapter.ts";
import { DeltaScopeError } from "../../../contract/errors.ts";
import type { Tensor } from "../../checkpoint/checkpoint.ts";
import { invalidConfig, showValue } from "../config.ts";
import type { FamilyVariant } from "../family.ts";
import { type BaseModule, matrixShape, vectorView } from "../modules.ts";
import { checkMatrix, type LoraContext, requireBase, requireShape, shapeMismatch, takeTensor } from "./lora-context.ts";
import { lowRankTerm } from "./lora-linear.ts";
import { isSet, movesWeights, startOf } from "./lora-variants.ts";
import { rankAndAlphaOf } from "./lora-wrapping.ts";

/** What the starts are called, and what they take out of a base (# stands for the rank). */
const TOOK: Readonly<Record<string, readonly [name: string, directions: string] | undefined>> = {
  pissa: ["PiSSA", "top # singular directions"],
  olora: ["OLoRA", "first # directions of its QR decomposition"],
  kasa: ["KaSA", "# smallest singular directions"],
};

const LORA_GA =
  "LoRA-GA changed the base before training, and the file does not say how; shown is what peft loads, s·B·A on the untouched base.";
const ALORA = "aLoRA adds its factors only from the invocation tokens on; shown is ΔW behind them.";

/** Those that are read, with what a reader has to know of the numbers. */
export const READ_VARIANTS: readonly FamilyVariant[] = [
  ...["pissa", "olora"].map((start) => variant(`init_lora_weights: ${start}`, takenFrom(TOOK[start]))),
  variant("init_lora_weights: lora_ga", LORA_GA),
  variant("kasa_config", takenFrom(TOOK.kasa)),
  variant("use_bdlora", "block-diagonal factors"),
  variant("use_dora", "from the base"),
  variant("alora_invocation_tokens", ALORA),
];

function variant(setting: string, note: string): FamilyVariant {
  return { setting, status: "read", note };
}

function takenFrom(took: (typeof TOOK)[string]): string {
  return `from the base, out of which ${took?.[0]} took the ${took?.[1].replace("#", "r")}`;
}

/** Numbers of the formula `taken`. */
const LARGEST = 0;
export const SMALLEST = 1;
const FIRST_COLUMNS = 2;

const blockSettings = z.object({
  nblocks: z.int().min(1).default(1),
  target_modules_bd_a: z
    .array(z.string())
    .nullish()
    .transform((value) => value ?? []),
  target_modules_bd_b: z
    .array(z.string())
    .nullish()
    .transform((value) => value ?? []),
});

/** What a variant makes of a wrapped module; undefined for plain LoRA, and where its tensors are missing. */
export function statedVariant(context: LoraContext, module: BaseModule): DeltaStatement | undefined {
  const { config } = context.adapter;
  const start = startOf(context.config);
  if (isSet(config, "kasa_config")) return withoutSmallest(context, module);
  if (isSet(config, "use_bdlora")) return blockDiagonal(context, module);
  // peft starts embeddings as usual. And what a file stores of a weight is what was left of it.
  if (!movesWeights(context.config) || module.kind === "embedding" || storesBase(context, module)) return undefined;
  return start === "pissa"
    ? withoutStart(context, module, "PiSSA", LARGEST)
    : withoutStart(context, module, "OLoRA", FIRST_COLUMNS);
}

/** Whether training started from another base, so that a stored `base_layer.weight` is no copy of it. */
export function changesBase(context: LoraContext): boolean {
  return tookOf(context) !== undefined;
}

function tookOf({ adapter, config }: LoraContext): (typeof TOOK)[string] {
  return isSet(adapter.config, "kasa_config") ? TOOK.kasa : TOOK[startOf(config)];
}

function storesBase({ tensors }: LoraContext, { name }: BaseModule): boolean {
  return tensors.get(name)?.has("base_layer.weight") === true;
}

/** What the numbers of a variant mean, or leave out. */
export function alertAboutVariant(context: LoraContext): void {
  const { alerts, adapter, config, matrices } = context;
  const where = "adapter_config.json";
  const took = tookOf(context);
  const largest = matrices.reduce((most, { delta }) => Math.max(most, delta.formula?.numbers.rank ?? 0), 0);
  if (took !== undefined && largest > 0) {
    const [name, directions] = took;
    const rank = config.use_dora ? "" : ` and has rank up to ${2 * largest}`;
    const message = `${name} took the ${directions.replace("#", `${largest}`)} out of the base; ΔW below is against the original base${rank}.`;
    alerts.push(makeAlert("adapter.base-mutated", message, where));
  }
  if (startOf(config) === "lora_ga") {
    alerts.push(makeAlert("adapter.base-mutated", LORA_GA, where));
  }
  if (isSet(adapter.config, "alora_invocation_tokens")) {
    alerts.push(makeAlert("adapter.not-mergeable", ALORA, where));
  }
}

/** ΔW = s·B·A − factor·(the part of W that training started from). */
function withoutStart(
  context: LoraContext,
  module: BaseModule,
  name: string,
  part: number,
): DeltaStatement | undefined {
  const term = lowRankTerm(context, module, undefined);
  if (term === undefined) return undefined;
  requireBase(context, module, name);
  const { rank, scale } = rankAndAlphaOf(context, module);
  const factor = part === FIRST_COLUMNS ? scale : 1;
  const formula = { kind: "taken" as const, shape: shapeOf(module), views: {}, numbers: { rank, part, factor } };
  return { formula, lowRank: [term] };
}

/** ΔW = s·B·diag(d)·A − (the r smallest singular components of W). */
function withoutSmallest(context: LoraContext, module: BaseModule): DeltaStatement | undefined {
  refuseEmbedding(module, "KaSA");
  const term = lowRankTerm(context, module, undefined);
  const diagonal = takeTensor(context, module.name, "lora_diag");
  if (term === undefined) return undefined;
  if (diagonal === undefined) throw missing(module, "lora_diag");
  requireBase(context, module, "KaSA");
  const { rank, scale } = rankAndAlphaOf(context, module);
  if (diagonal.shape.length !== 1 || diagonal.shape[0] !== rank) {
    throw shapeMismatch(context, module.name, `lora_diag has ${diagonal.shape} values, the rank is ${rank}`);
  }
  const views = { left: term.left, right: term.right, middle: vectorView(diagonal) };
  const numbers = { rank, part: SMALLEST, factor: 1, scale };
  return { formula: { kind: "taken", shape: shapeOf(module), views, numbers } };
}

/** s·B·A with block-diagonal A or B, stored as their blocks. */
function blockDiagonal(context: LoraContext, module: BaseModule): DeltaStatement | undefined {
  refuseEmbedding(module, "BD-LoRA");
  const right = takeTensor(context, module.name, "lora_A.weight");
  const left = takeTensor(context, module.name, "lora_B.weight");
  if (left === undefined) return undefined;
  if (right === undefined) throw missing(module, "lora_A");
  const shape = requireShape(context, module, "BD-LoRA");
  const { rank, scale } = rankAndAlphaOf(context, module);
  const blocks = checkedBlocks(context, module, { left, right, rank });
  const views = { left: { tensor: left }, right: { tensor: right } };
  return { formula: { kind: "blocks", shape, views, numbers: { blocks, scale } } };
}

function checkedBlocks(
  context: LoraContext,
  module: BaseModule,
  { left, right, rank }: { left: Tensor; right: Tensor; rank: number },
): number {
  const value = context.adapter.config.use_bdlora;
  const parsed = blockSettings.safeParse(value);
  if (!parsed.success) throw invalidConfig(`\`use_bdlora\` is ${showValue(value)}; its settings are not valid.`);
  const { nblocks, target_modules_bd_a: onA, target_modules_bd_b: onB } = parsed.data;
  const [rows, columns] = shapeOf(module);
  const isIn = (entries: string[]) => entries.some((entry) => module.wrapped.includes(entry));
  const width = isIn(onA) ? columns / nblocks : columns;
  const inner = isIn(onB) ? rank / nblocks : rank;
  const [a, b] = [
    checkMatrix(context, module.name, "lora_A", right),
    checkMatrix(context, module.name, "lora_B", left),
  ];
  if (a[0] !== rank || a[1] !== width || b[0] !== rows || b[1] !== inner) {
    const detail = `lora_A is (${a}) and lora_B (${b}), ${nblocks} blocks of rank ${rank} need (${rank}, ${width}) and (${rows}, ${inner})`;
    throw shapeMismatch(context, module.name, detail);
  }
  return nblocks;
}

function shapeOf(module: BaseModule): [number, number] {
  return matrixShape(module) ?? [0, 0];
}

function refuseEmbedding({ kind, name }: BaseModule, variant: string): void {
  if (kind !== "embedding") return;
  throw new DeltaScopeError("adapter.unsupported", `${variant} on the embedding ${name} is not supported.`, name);
}

function missing({ name }: BaseModule, part: string): DeltaScopeError {
  return new DeltaScopeError("adapter.tensor-missing", `${name} has factors but no ${part}.`, name);
}
