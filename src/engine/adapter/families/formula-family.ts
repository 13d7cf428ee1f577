/** Families other than LoRA: own factor names, settings and formula; targets, full tensors and alerts as for LoRA. */
import { z } from "zod";
import type { Alert } from "../../../contract/alerts.ts";
import type { DeltaFormula, DeltaStatement, LowRankTerm } from "../../../contract/domain/adapter.ts";
import type { VectorChange } from "../../../contract/domain/pair.ts";
import type { MatrixView } from "../../../contract/domain/tensor.ts";
import { DeltaScopeError } from "../../../contract/errors.ts";
import type { AdapterPackage, Tensor } from "../../checkpoint/checkpoint.ts";
import type { Steps } from "../../turns.ts";
import { invalidConfig, type LoraConfig, readLoraConfig, showValue } from "../config.ts";
import type { AdapterFamily } from "../family.ts";
import type { BaseModule } from "../modules.ts";
import { readWith } from "./lora.ts";
import {
  type FamilyRules,
  type LoraContext,
  requireBase,
  requireShape,
  shapeMismatch,
  showShape,
  takeTensor,
} from "./lora-context.ts";

/** One wrapped module, as a family's formula sees it. */
export interface FormulaModule {
  context: LoraContext;
  module: BaseModule;
  rows: number;
  columns: number;
  /** Of this module, from `r`, `alpha` and their patterns. */
  rank: number;
  scale: number;
}

/** What a family says of itself, whatever its ΔW. */
export interface FamilyBasics {
  type: string;
  /** Names of the factors; those that are absent as a whole leave ΔW zero, unless they are `needed`. */
  factors: readonly string[];
  /** peft makes up absent factors so that they have an effect. */
  needed?: boolean;
  shared?: readonly string[];
  /** Names behind a factor that belong to it, as `Xd` in `glora_A.Xd`. */
  isInner?(name: string): boolean;
  /** ΔW is nothing without the base's own values. */
  needsBase: boolean;
  /** Which adapters of the type are read, where not all are. */
  limits?: string;
  /** What peft assumes where the configuration is silent, beside the targets of LoRA. */
  defaults?: { rank?: number; rankKey?: string; alpha?: number; alphaKey?: string; targets?: string[] };
  hasPatterns?: boolean;
  /** In words, for the summary. */
  formula: string;
  /** Its value where the settings tell it and it is not alpha / r. */
  scale?(config: Record<string, unknown>): number;
  /** Refuses settings that cannot be read. */
  check?(config: Record<string, unknown>): void;
  /** Oddities that the settings alone decide. */
  alerts?(config: Record<string, unknown>): Alert[];
}

export interface FormulaFamily extends FamilyBasics {
  /** May embeddings be wrapped? */
  onEmbeddings?: boolean;
  /** Undefined: ΔW is zero. */
  state(module: FormulaModule): Formula | undefined;
  /** What becomes of the bias, for methods that change it too; the base may have none. */
  bias?(module: FormulaModule): VectorChange | undefined;
}

/** A formula without the shape of its matrix, and plain factors beside it. */
export type Formula = Omit<DeltaFormula, "shape"> & { lowRank?: LowRankTerm[] };

/** Integers, and the single floats in which Windows saves them. */
const POSITION_DTYPES: ReadonlySet<string> = new Set(["U8", "I16", "I32", "I64", "F32"]);

/** Keys that all families share with LoRA. */
const COMMON_KEYS = [
  ...["peft_type", "target_modules", "exclude_modules", "modules_to_save", "layers_to_transform", "layers_pattern"],
  ...["bias", "task_type", "auto_mapping", "base_model_name_or_path"],
];

export function formulaFamily(family: FormulaFamily): AdapterFamily {
  return familyWith(family, {
    state: (context, module) => stated(context, module, family),
    bias: (context, module) => {
      const own = family.bias === undefined ? undefined : formulaModule(context, module, family);
      return own === undefined ? undefined : family.bias?.(own);
    },
  });
}

/** A family of other rules than a formula. */
export function familyWith(
  family: FamilyBasics,
  own: Pick<FamilyRules, "state" | "bias" | "replacement" | "tokenRows">,
): AdapterFamily {
  const rules: FamilyRules = {
    ...own,
    factors: new Set(family.factors),
    shared: new Set(family.shared ?? []),
    readSettings: (adapter) => readSettings(adapter, family),
    summarize: (adapter, config) => ({
      type: adapter.type,
      rank: family.defaults?.rank === undefined ? null : config.r,
      alpha: family.defaults?.alpha === undefined ? null : config.lora_alpha,
      scale: scaleOf(family, adapter, config),
      scaleFormula: family.formula,
      variants: (config.modules_to_save ?? []).length > 0 ? ["modules_to_save"] : [],
      targets: typeof config.target_modules === "string" ? [config.target_modules] : (config.target_modules ?? []),
      baseModel: config.base_model_name_or_path ?? null,
    }),
  };
  if (family.isInner !== undefined) rules.isInner = family.isInner;
  return {
    types: [family.type],
    factors: new Set([...rules.factors, ...(rules.shared ?? [])]),
    needsBase: family.needsBase,
    ...(family.limits !== undefined && { limits: family.limits }),
    *summarize(adapter) {
      return rules.summarize(adapter, yield* rules.readSettings(adapter));
    },
    *read(adapter, base) {
      const reading = yield* readWith(adapter, base, rules);
      return { ...reading, alerts: [...reading.alerts, ...(family.alerts?.(adapter.config) ?? [])] };
    },
  };
}

function scaleOf(family: FamilyBasics, adapter: AdapterPackage, config: LoraConfig): number | null {
  if (family.scale !== undefined) return family.scale(adapter.config);
  if (family.defaults?.alpha !== undefined) return config.lora_alpha / config.r;
  return family.formula === "1" ? 1 : null;
}

function* readSettings(adapter: AdapterPackage, family: FamilyBasics): Steps<LoraConfig> {
  const { config: raw } = adapter;
  const { rank, rankKey = "r", alpha, alphaKey = "alpha", targets } = family.defaults ?? {};
  const keys = family.hasPatterns ? [...COMMON_KEYS, "rank_pattern", "alpha_pattern"] : COMMON_KEYS;
  const config: Record<string, unknown> = {};
  for (const key of keys) if (Object.hasOwn(raw, key)) config[key] = raw[key];
  config.target_modules ??= targets;
  if (rank !== undefined) config.r = wholeSetting(raw, rankKey, rank, 1);
  if (alpha !== undefined) config.lora_alpha = numberSetting(raw, alphaKey, alpha);
  const settings = yield* readLoraConfig({ ...adapter, config });
  family.check?.(raw);
  return settings;
}

function stated(context: LoraContext, module: BaseModule, family: FormulaFamily): DeltaStatement | undefined {
  const own = formulaModule(context, module, family);
  if (own === undefined) {
    if (family.needed !== true) return undefined;
    const message = `${module.name} is targeted but not in the file; peft would fill its ${family.type} factors with values of its own.`;
    throw new DeltaScopeError("adapter.tensor-missing", message, module.name);
  }
  if (module.kind === "embedding" && family.onEmbeddings !== true) {
    throw new DeltaScopeError(
      "adapter.unsupported",
      `${family.type} on the embedding ${module.name} is not supported.`,
      module.name,
    );
  }
  if (family.needsBase) requireBase(context, module, family.type);
  const found = family.state(own);
  return found === undefined ? {} : statement([own.rows, own.columns], found);
}

/** Undefined where the file has nothing for the module. */
function formulaModule(context: LoraContext, module: BaseModule, family: FormulaFamily): FormulaModule | undefined {
  const parts = [...(context.tensors.get(module.name)?.keys() ?? [])];
  if (!parts.some((part) => family.factors.includes(part.split(".", 1)[0] ?? part))) return undefined;
  const [rows, columns] = requireShape(context, module, family.type);
  const { rank, scale } = context.rankAndAlpha(module.wrapped);
  return { context, module, rows, columns, rank, scale };
}

/** The bias as a matrix of one column, changed by the formula that changes the rows; nothing where there is none. */
export function statedBias({ module, rows }: FormulaModule, formula: Formula): VectorChange | undefined {
  return module.bias && { mode: "stated", delta: statement([rows, 1], formula) };
}

function statement(shape: [number, number], { lowRank, ...formula }: Formula): DeltaStatement {
  return { formula: { shape, ...formula }, ...(lowRank && { lowRank }) };
}

/** A tensor of the module. Throws `adapter.tensor-missing`, and `adapter.shape-mismatch` unless it has this shape. */
export function part({ context, module }: FormulaModule, name: string, shape: readonly (number | undefined)[]): Tensor {
  const tensor = takeTensor(context, module.name, name);
  if (tensor === undefined) {
    const message = `${module.name} has no ${name}, but other tensors of this method.`;
    throw new DeltaScopeError("adapter.tensor-missing", message, module.name);
  }
  return fitting(context, module, name, tensor, shape);
}

/** A tensor of positions. Throws as `part`, and `safetensors.dtype-unsupported` for types that hold no positions. */
export function positionsPart(module: FormulaModule, name: string, shape: readonly (number | undefined)[]): Tensor {
  return withPositions(module, name, part(module, name, shape));
}

function withPositions({ module }: FormulaModule, name: string, tensor: Tensor): Tensor {
  if (POSITION_DTYPES.has(tensor.dtype)) return tensor;
  const message = `${module.name}: ${name} is stored as ${tensor.dtype}, which holds no positions.`;
  throw new DeltaScopeError("safetensors.dtype-unsupported", message, module.name);
}

/** `vera_A.NAME`, `frod_V.self_attn_q_proj.NAME`, `tinylora_v.NAME.0`: as raw state dicts have them. */
function namedKeys(name: string, adapterName: string | undefined): string[] {
  if (adapterName === undefined) return [];
  const [first = "", ...group] = name.split(".");
  return [`${name}.${adapterName}`, [first, adapterName, ...group].join(".")];
}

/** The same for a tensor that all modules share. */
export function sharedPart(
  { context, module }: FormulaModule,
  name: string,
  shape: readonly (number | undefined)[],
): Tensor {
  const keys = [name, ...namedKeys(name, context.keys.adapterName)].map((key) => `base_model.${key}`);
  const tensor = keys.map((key) => context.adapter.tensors.get(key)).find((found) => found !== undefined);
  if (tensor !== undefined) return fitting(context, module, name, tensor, shape);
  throw new DeltaScopeError(
    "adapter.projection-not-saved",
    `The shared matrix ${name} of this ${context.adapter.type} adapter is not in the file. Save again with \`save_projection=True\`.`,
    "adapter_model.safetensors",
  );
}

/** The same for positions. */
export function sharedPositions(module: FormulaModule, name: string, shape: readonly (number | undefined)[]): Tensor {
  return withPositions(module, name, sharedPart(module, name, shape));
}

function fitting(
  context: LoraContext,
  module: BaseModule,
  name: string,
  tensor: Tensor,
  shape: readonly (number | undefined)[],
): Tensor {
  const fits =
    tensor.shape.length === shape.length && shape.every((size, i) => (size ?? tensor.shape[i]) === tensor.shape[i]);
  if (fits && !tensor.shape.includes(0)) return tensor;
  const wanted = shape.map((size) => size ?? "any");
  const detail = `${name} is ${showShape(tensor.shape)}, (${wanted.join(", ")}) is needed`;
  throw shapeMismatch(context, module.name, detail);
}

/** The first columns of a matrix. */
export function firstColumns(tensor: Tensor, count: number): MatrixView {
  return { tensor, columns: { start: 0, count, step: 1 } };
}

/** A number of the configuration. Throws `adapter.config-invalid`. */
export function numberSetting(config: Record<string, unknown>, key: string, absent: number): number {
  return setting(config, key, z.number(), absent);
}

/** A whole number of at least `least`. Throws `adapter.config-invalid`. */
export function wholeSetting(config: Record<string, unknown>, key: string, absent: number, least: number): number {
  return setting(config, key, z.int().min(least), absent);
}

/** Python's truth of a setting. */
export function flagSetting(config: Record<string, unknown>, key: string, absent: boolean): boolean {
  return setting(config, key, z.boolean().nullable(), absent) ?? false;
}

function setting<Value>(config: Record<string, unknown>, key: string, schema: z.ZodType<Value>, absent: Value): Value {
  if (!Object.hasOwn(config, key)) return absent;
  const parsed = schema.safeParse(config[key]);
  if (parsed.success) return parsed.data;
  throw invalidConfig(`\`${key}\` is ${showValue(config[key])}; this value is not valid.`);
}

export function unsupported(message: string): DeltaScopeError {
  return new DeltaScopeError("adapter.unsupported", message, "adapter_config.json");
}

/** Random projections that are not in the file depend on the machine that drew them. */
export function refuseUnsaved(config: Record<string, unknown>): void {
  if (flagSetting(config, "save_projection", true)) return;
  throw new DeltaScopeError(
    "adapter.projection-not-saved",
    `The random projections of this ${config.peft_type} adapter are not in the file. Save again with \`save_projection=True\`.`,
    "adapter_config.json",
  );
}
