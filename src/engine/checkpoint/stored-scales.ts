/** 8-bit floats become weights by the scales stored beside them: W = value · scale. */
import type { QuantisationScale } from "../../contract/domain/tensor.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import { quote } from "../source/quote.ts";
import { isObject, type JsonObject, own } from "../source/read-json.ts";
import type { Steps } from "../turns.ts";
import type { ModelConfig, Tensor } from "./checkpoint.ts";
import { shownValue } from "./config.ts";
import { isStackOfExperts } from "./experts.ts";
import { elements } from "./read-tables.ts";

export interface ScaledTensors {
  /** Without the scales, which are no weights; 8-bit matrices carry theirs. */
  tensors: Map<string, Tensor>;
  /** Names of matrices, or stacks of them, that carry a scale. */
  scaled: string[];
  /** Names of 8-bit tensors whose scale is absent or of a kind that is not read, in a checkpoint that has scales. */
  unscaled: string[];
}

/** Ends of a scale's name behind its weight's: blocks, and rows or the whole. All are multiplied. */
const SCALE_ENDS = ["_scale_inv", "_scale"] as const;

/** The same in place of the weight's last part, as DeepSeek V4 and Mistral write them. */
const SCALE_PARTS = [".scale", ".qscale_weight"] as const;
const WEIGHT = ".weight";

/** Beside a weight whose values are not only multiplied: shifted, or with their columns in another order. */
const UNREAD_PARTS = ["_zero_point", "_g_idx"] as const;

/** Of activations and of the cache of keys and values, which are no part of a weight. */
const ACTIVATION_ENDS = [
  ".input_scale",
  ".output_scale",
  ".activation_scale",
  ".activation_scale_inv",
  "_proj_activation_scale",
  ".qscale_act",
  ".q_scale",
  ".k_scale",
  ".v_scale",
];

/** What a scale may be stored in. U8 holds what F8_E8M0 does, written before that type had a name. */
const SCALE_TYPES = new Set(["F64", "F32", "F16", "BF16", "F8_E8M0", "U8"]);

/** Of transformers' configuration of 8-bit blocks where the file names no size. */
const DEFAULT_BLOCK: readonly [number, number] = [128, 128];

/** Twice the widest matrix known; keeps products of sizes exact. */
const BLOCK_MAXIMUM = 2 ** 20;

/** Gives every 8-bit matrix its scale. Throws `checkpoint.config-invalid` for a scale of another shape. */
export function* attachScales(
  stored: ReadonlyMap<string, Tensor>,
  config: ModelConfig | undefined,
): Steps<ScaledTensors> {
  const result: ScaledTensors = { tensors: new Map(stored), scaled: [], unscaled: [] };
  const eightBit = [...stored].filter(([name, { dtype }]) => dtype.startsWith("F8_") && !isScale(name, stored));
  const hasScales =
    config?.quantisation !== undefined || eightBit.some(([name]) => scaleOf(name, stored) !== undefined);
  if (!hasScales) return result;
  const block = blockSize(config);
  for (const [name, tensor] of eightBit) {
    yield;
    const scale = readableScale(name, tensor, stored);
    if (scale === undefined) {
      result.unscaled.push(name);
      continue;
    }
    result.tensors.set(name, { ...tensor, scale: layOut(tensor, scale, block) });
    result.tensors.delete(scale.name);
    result.scaled.push(name);
  }
  if (result.scaled.length > 0) dropActivationScales(result.tensors);
  return result;
}

/** Whether `name` holds the scales of another tensor that `stored` has. */
export function isScale(name: string, stored: ReadonlyMap<string, Tensor>): boolean {
  const owners = [
    ...SCALE_ENDS.filter((end) => name.endsWith(end)).map((end) => name.slice(0, -end.length)),
    ...SCALE_PARTS.filter((part) => name.endsWith(part)).map((part) => name.slice(0, -part.length) + WEIGHT),
  ];
  return owners.some((owner) => stored.has(owner));
}

/** The scales of the weight `name`. */
export function scaleOf(name: string, stored: ReadonlyMap<string, Tensor>): Tensor | undefined {
  const module = name.endsWith(WEIGHT) ? name.slice(0, -WEIGHT.length) : undefined;
  const names = [
    ...SCALE_ENDS.map((end) => name + end),
    ...(module === undefined ? [] : SCALE_PARTS.map((part) => module + part)),
  ];
  return names.map((candidate) => stored.get(candidate)).find((tensor) => tensor !== undefined);
}

function readableScale(name: string, tensor: Tensor, stored: ReadonlyMap<string, Tensor>): Tensor | undefined {
  const scale = scaleOf(name, stored);
  const isMatrix = tensor.shape.length === 2 || isStackOfExperts(tensor);
  if (scale === undefined || !isMatrix || UNREAD_PARTS.some((part) => stored.has(name + part))) return undefined;
  return SCALE_TYPES.has(scale.dtype) ? { ...scale, dtype: scale.dtype === "U8" ? "F8_E8M0" : scale.dtype } : undefined;
}

function dropActivationScales(tensors: Map<string, Tensor>): void {
  for (const name of tensors.keys()) if (ACTIVATION_ENDS.some((end) => name.endsWith(end))) tensors.delete(name);
}

/**
 * One factor, one for each row, or one for each block; anything else would give wrong weights. A stack of experts
 * has these once for each of its matrices, or one factor for all.
 */
function layOut(tensor: Tensor, scale: Tensor, block: readonly [number, number] | undefined): QuantisationScale {
  if (scale.shape.length < 2 && elements(scale.shape) === 1) return { kind: "tensor", tensor: scale };
  const isStack = tensor.shape.length === 3;
  const [rows = 0, columns = 0] = isStack ? tensor.shape.slice(1) : tensor.shape;
  const shape = isStack ? scale.shape.slice(1) : scale.shape;
  const laidOut =
    isStack && scale.shape[0] !== tensor.shape[0] ? undefined : layOutMatrix([rows, columns], shape, block);
  if (laidOut !== undefined) return { ...laidOut, tensor: scale };
  const [blockRows, blockColumns] = block ?? DEFAULT_BLOCK;
  const needed = [Math.ceil(rows / blockRows), Math.ceil(columns / blockColumns)];
  const each = isStack ? ` for each of ${tensor.shape[0]} experts` : "";
  const message = `${quote(scale.storedName)} has shape [${scale.shape.join(", ")}]; a weight of [${tensor.shape.join(", ")}] needs one scale, one for each row, or [${needed.join(", ")}] for blocks of ${blockRows} × ${blockColumns}${each}.`;
  throw new DeltaScopeError("checkpoint.config-invalid", message, scale.path);
}

/** Blocks of the stated size first, ragged at the edges; else blocks that the grid of scales cuts without a rest. */
function layOutMatrix(
  [rows, columns]: readonly [number, number],
  scales: readonly number[],
  block: readonly [number, number] | undefined,
): Omit<QuantisationScale, "tensor"> | undefined {
  const [height = 1, width = 1, ...more] = scales;
  if (more.length > 0) return undefined;
  if (height === rows && width === 1) return { kind: "row" };
  const [blockRows, blockColumns] = block ?? DEFAULT_BLOCK;
  const isStated = height === Math.ceil(rows / blockRows) && width === Math.ceil(columns / blockColumns);
  if (height === 1 && width === 1 && (block === undefined || !isStated)) return { kind: "tensor" };
  if (isStated) return { kind: "block", block: [blockRows, blockColumns] };
  if (scales.length < 2 || rows % height !== 0 || columns % width !== 0) return undefined;
  return { kind: "block", block: [rows / height, columns / width] };
}

/** `weight_block_size` of the method `fp8`, or `block_structure` of a group of compressed-tensors. */
function blockSize(config: ModelConfig | undefined): readonly [number, number] | undefined {
  const settings = config?.quantisation?.raw;
  if (settings === undefined) return undefined;
  const written = own(settings, "weight_block_size") ?? groupBlock(settings);
  if (written === undefined || written === null) return undefined;
  const [rows, columns] = Array.isArray(written) && written.length === 2 ? written : [];
  if (isSize(rows) && isSize(columns)) return [rows, columns];
  throw new DeltaScopeError(
    "checkpoint.config-invalid",
    `config.json: the block size of the quantisation is ${shownValue(written)}; two numbers from 1 on are needed.`,
    "config.json",
  );
}

function groupBlock(settings: JsonObject): unknown {
  const groups = own(settings, "config_groups");
  const weights = isObject(groups)
    ? Object.values(groups).map((group) => isObject(group) && own(group, "weights"))
    : [];
  return weights
    .filter(isObject)
    .map((group) => own(group, "block_structure"))
    .find(Array.isArray);
}

function isSize(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= BLOCK_MAXIMUM;
}

/** Every layout that occurs, in words, e.g. `FP8 in blocks of 128 × 128`. */
export function scaleWords(tensors: Iterable<Tensor>): string {
  const words = new Set<string>();
  for (const { scale } of tensors) {
    if (scale?.kind === "block") words.add(`in blocks of ${scale.block?.join(" × ")}`);
    else if (scale !== undefined)
      words.add(scale.kind === "row" ? "with a scale for each row" : "with a scale for each weight");
  }
  return `FP8 ${[...words].sort().join(" and ")}`;
}
