/** 8-bit floats become weights by the scales stored beside them (adapters.md section 9): W = value · scale. */
import type { QuantisationScale } from "../../contract/domain/tensor.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import { quote } from "../source/quote.ts";
import { isObject, type JsonObject, own } from "../source/read-json.ts";
import type { Steps } from "../turns.ts";
import type { ModelConfig, Tensor } from "./checkpoint.ts";
import { shownValue } from "./config.ts";
import { elements } from "./read-tables.ts";

export interface ScaledTensors {
  /** Without the scales, which are no weights; 8-bit matrices carry theirs. */
  tensors: Map<string, Tensor>;
  /** Names of matrices that carry a scale. */
  scaled: string[];
  /** Names of 8-bit tensors whose scale is absent or of a kind that is not read, in a checkpoint that has scales. */
  unscaled: string[];
}

/** Ends of a scale's name behind its weight's: blocks, and rows or the whole. Both are multiplied. */
const SCALE_ENDS = ["_scale_inv", "_scale"] as const;

/** Of activations, which are no part of a weight. */
const ACTIVATION_ENDS = [".input_scale", ".output_scale", ".activation_scale", ".activation_scale_inv"];

/** What a scale may be stored in. Powers of two in eight bits (F8_E8M0) are not read. */
const SCALE_TYPES = new Set(["F64", "F32", "F16", "BF16"]);

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
    const scale = scaleOf(name, stored);
    if (scale === undefined || tensor.shape.length !== 2 || !SCALE_TYPES.has(scale.dtype)) {
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

function isScale(name: string, stored: ReadonlyMap<string, Tensor>): boolean {
  return SCALE_ENDS.some((end) => name.endsWith(end) && stored.has(name.slice(0, -end.length)));
}

function scaleOf(name: string, stored: ReadonlyMap<string, Tensor>): Tensor | undefined {
  return SCALE_ENDS.map((end) => stored.get(name + end)).find((tensor) => tensor !== undefined);
}

function dropActivationScales(tensors: Map<string, Tensor>): void {
  for (const name of tensors.keys()) if (ACTIVATION_ENDS.some((end) => name.endsWith(end))) tensors.delete(name);
}

/** One factor, one for each row, or one for each block; anything else would give wrong weights. */
function layOut(tensor: Tensor, scale: Tensor, block: readonly [number, number] | undefined): QuantisationScale {
  const [rows = 0, columns = 0] = tensor.shape;
  const [height, width = 1, ...more] = scale.shape;
  if (scale.shape.length < 2 && elements(scale.shape) === 1) return { kind: "tensor", tensor: scale };
  if (height === rows && width === 1 && more.length === 0) return { kind: "row", tensor: scale };
  const [blockRows, blockColumns] = block ?? DEFAULT_BLOCK;
  const needed = [Math.ceil(rows / blockRows), Math.ceil(columns / blockColumns)];
  if (scale.shape.join() === needed.join()) return { kind: "block", tensor: scale, block: [blockRows, blockColumns] };
  if (block === undefined && scale.shape.join() === "1,1") return { kind: "tensor", tensor: scale };
  const message = `${quote(scale.storedName)} has shape [${scale.shape.join(", ")}]; a weight of [${tensor.shape.join(", ")}] needs one scale, one for each row, or [${needed.join(", ")}] for blocks of ${blockRows} × ${blockColumns}.`;
  throw new DeltaScopeError("checkpoint.config-invalid", message, scale.path);
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
