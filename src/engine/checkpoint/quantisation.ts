/** Whether weights are stored quantised, and how: names and dtypes first, then the configuration. */
import { type Alert, makeAlert } from "../../contract/alerts.ts";
import { quoteSome } from "../source/quote.ts";
import { own } from "../source/read-json.ts";
import type { Steps } from "../turns.ts";
import type { Checkpoint, ModelConfig, Tensor } from "./checkpoint.ts";
import { attachScales, scaleOf, scaleWords } from "./stored-scales.ts";

const FP8_BLOCKS = "FP8 in blocks";
const FP8_ROWS = "FP8 per row or tensor";
const FP4 = "packed FP4";
const INTEGERS = "compressed-tensors int";

/** Endings of tensor names that only one format writes; the first that occurs decides. */
const TELLING_ENDINGS: readonly (readonly [string, string])[] = [
  [".quant_state.bitsandbytes__nf4", "4-bit bitsandbytes (nf4)"],
  [".quant_state.bitsandbytes__fp4", "4-bit bitsandbytes (fp4)"],
  [".weight.absmax", "4-bit bitsandbytes"],
  [".SCB", "8-bit bitsandbytes"],
  [".g_idx", "GPTQ"],
  [".weight_global_scale", "NVFP4"],
  [".weight_scale_2", "NVFP4"],
  [".weight_packed", INTEGERS],
  ["_proj_blocks", "MXFP4"],
  [".W_q", "HQQ"],
  [".codebooks", "AQLM"],
  [".weight._data", "quanto"],
  ["_weight_qdata", "torchao"],
  // Last: some files hold a part of their weights in eight bits and the rest in fewer.
  [".weight_scale_inv", FP8_BLOCKS],
];

/** Every format that is recognised and not read. */
export const REFUSED_FORMATS: readonly string[] = [...new Set(TELLING_ENDINGS.map(([, name]) => name))]
  .filter((name) => name !== FP8_BLOCKS)
  .concat("AWQ", FP4);

/** Names of `quant_method` as people write them. */
const METHODS: Readonly<Record<string, string>> = {
  gptq: "GPTQ",
  awq: "AWQ",
  hqq: "HQQ",
  aqlm: "AQLM",
  mxfp4: "MXFP4",
};

/** Methods that can also be applied while loading, with 16-bit weights on disk: the tensors alone decide. */
const TENSORS_DECIDE = new Set(["fp8", "fbgemm_fp8", "compressed-tensors", "bitsandbytes"]);

/**
 * What is to be known of stored formats: weights of eight bits get their scales and count as weights; every other
 * format is named only. Throws `checkpoint.config-invalid` for scales that do not fit their weights.
 */
export function* readQuantisation(
  stored: ReadonlyMap<string, Tensor>,
  config: ModelConfig | undefined,
): Steps<Pick<Checkpoint, "quantised" | "dequantised"> & { tensors: Map<string, Tensor> }> {
  const { tensors, scaled, unscaled } = yield* attachScales(stored, config);
  const format = yield* detectQuantisation(stored, config);
  const isEightBit = format === undefined || format === FP8_BLOCKS || format === FP8_ROWS;
  if (!isEightBit) return { tensors, quantised: format, dequantised: undefined };
  if (unscaled.length === 0)
    return { tensors, quantised: undefined, dequantised: scaled.length > 0 ? scaleWords(tensors.values()) : undefined };
  const count = `${unscaled.length} of ${unscaled.length + scaled.length} weights (${quoteSome(unscaled, 2)})`;
  return { tensors, quantised: `FP8 without a scale that can be read for ${count}`, dequantised: undefined };
}

/** Told wherever such weights are read: what they are, and how far they stand from their 16-bit originals. */
export function dequantisedAlert(
  { tensors, dequantised }: Pick<Checkpoint, "tensors" | "dequantised">,
  where: string,
): Alert | undefined {
  if (dequantised === undefined) return undefined;
  const scaled = [...tensors.values()].filter(({ scale }) => scale !== undefined);
  const what = scaled.length === 1 ? "1 weight is" : `${scaled.length} weights are`;
  const message = `${what} stored in ${dequantised}; W is each value times its scale.`;
  return makeAlert("checkpoint.dequantised", message, where, "info");
}

/** The format's name, or undefined for weights stored as plain numbers. */
export function* detectQuantisation(
  tensors: ReadonlyMap<string, Tensor>,
  config: ModelConfig | undefined,
): Steps<string | undefined> {
  const byName = yield* nameFromTensors(tensors, config);
  if (byName !== undefined) return byName;
  const method = config?.quantisation?.method;
  if (method === undefined || (TENSORS_DECIDE.has(method) && !holdsIntegers(tensors))) return undefined;
  return withBits(Object.hasOwn(METHODS, method) ? (METHODS[method] as string) : method, config);
}

function* nameFromTensors(
  tensors: ReadonlyMap<string, Tensor>,
  config: ModelConfig | undefined,
): Steps<string | undefined> {
  const endings = new Set<string>();
  const scaled = new Set<string>();
  let packed = false;
  for (const [name, tensor] of tensors) {
    yield;
    const ending = tellingEnding(name, tensor);
    if (ending !== undefined) endings.add(ending);
    packed ||= name.endsWith(".qweight") && tensor.dtype === "I32";
    const format = scaledFormat(name, tensor, tensors);
    if (format !== undefined) scaled.add(format);
  }
  const found = TELLING_ENDINGS.find(([, format]) => endings.has(format))?.[1];
  if (found !== undefined && found !== FP8_BLOCKS) return found === "GPTQ" ? withBits(found, config) : found;
  if (packed) return withBits(config?.quantisation?.method === "gptq" ? "GPTQ" : "AWQ", config);
  return [FP4, INTEGERS, FP8_BLOCKS, FP8_ROWS].find((format) => endings.has(format) || scaled.has(format));
}

function tellingEnding(name: string, { dtype }: Tensor): string | undefined {
  const format = TELLING_ENDINGS.find(([candidate]) => name.endsWith(candidate))?.[1];
  // compressed-tensors packs integers into I32, and floats of four bits into U8.
  return format === INTEGERS && dtype === "U8" ? "MXFP4" : format;
}

/** What a weight is that stands beside a scale of its own. */
function scaledFormat(name: string, { dtype }: Tensor, tensors: ReadonlyMap<string, Tensor>): string | undefined {
  if (dtype !== "I8" && !dtype.startsWith("F8_")) return undefined;
  const scale = scaleOf(name, tensors);
  if (scale === undefined) return undefined;
  if (dtype !== "I8") return FP8_ROWS;
  return scale.name.endsWith("weight_scale") ? INTEGERS : FP4;
}

/** A matrix of integers in the place of weights. */
function holdsIntegers(tensors: ReadonlyMap<string, Tensor>): boolean {
  return [...tensors.values()].some(
    ({ name, dtype, shape }) => name.endsWith(".weight") && /^[IU]\d/.test(dtype) && shape.length === 2,
  );
}

function withBits(name: string, config: ModelConfig | undefined): string {
  const settings = config?.quantisation?.raw;
  const bits = settings === undefined ? undefined : (own(settings, "bits") ?? own(settings, "w_bit"));
  return Number.isInteger(bits) && (bits as number) > 0 && (bits as number) < 16 ? `${bits}-bit ${name}` : name;
}
