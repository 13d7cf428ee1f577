/** Whether weights are stored quantised, and how (adapters.md section 9): names and dtypes first, then the configuration. */
import { own } from "../source/read-json.ts";
import type { ModelConfig, Tensor } from "./checkpoint.ts";

/** Endings of tensor names that only one format writes; the first that occurs decides. */
const TELLING_ENDINGS: readonly (readonly [string, string])[] = [
  [".weight_scale_inv", "FP8 in blocks"],
  [".quant_state.bitsandbytes__nf4", "4-bit bitsandbytes (nf4)"],
  [".quant_state.bitsandbytes__fp4", "4-bit bitsandbytes (fp4)"],
  [".weight.absmax", "4-bit bitsandbytes"],
  [".SCB", "8-bit bitsandbytes"],
  [".g_idx", "GPTQ"],
  [".weight_packed", "compressed-tensors int"],
  ["_proj_blocks", "MXFP4"],
  [".W_q", "HQQ"],
  [".codebooks", "AQLM"],
  [".weight._data", "quanto"],
];

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

/** The format's name, or undefined for weights stored as plain numbers. */
export function detectQuantisation(
  tensors: ReadonlyMap<string, Tensor>,
  config: ModelConfig | undefined,
): string | undefined {
  const byName = nameFromTensors(tensors, config);
  if (byName !== undefined) return byName;
  const method = config?.quantisation?.method;
  if (method === undefined || TENSORS_DECIDE.has(method)) return undefined;
  return withBits(Object.hasOwn(METHODS, method) ? (METHODS[method] as string) : method, config);
}

function nameFromTensors(tensors: ReadonlyMap<string, Tensor>, config: ModelConfig | undefined): string | undefined {
  const endings = new Set<string>();
  let packed = false;
  let scaled = false;
  for (const [name, tensor] of tensors) {
    const ending = TELLING_ENDINGS.find(([candidate]) => name.endsWith(candidate));
    if (ending !== undefined) endings.add(ending[1]);
    packed ||= name.endsWith(".qweight") && tensor.dtype === "I32";
    scaled ||= isScaledFloat8(name, tensors);
  }
  const found = TELLING_ENDINGS.find(([, format]) => endings.has(format))?.[1];
  if (found !== undefined) return found === "GPTQ" ? withBits(found, config) : found;
  if (packed) return withBits(config?.quantisation?.method === "gptq" ? "GPTQ" : "AWQ", config);
  return scaled ? "FP8 per row or tensor" : undefined;
}

function isScaledFloat8(name: string, tensors: ReadonlyMap<string, Tensor>): boolean {
  if (!name.endsWith(".weight_scale")) return false;
  return tensors.get(name.slice(0, -"_scale".length))?.dtype.startsWith("F8_") ?? false;
}

function withBits(name: string, config: ModelConfig | undefined): string {
  const settings = config?.quantisation?.raw;
  const bits = settings === undefined ? undefined : (own(settings, "bits") ?? own(settings, "w_bit"));
  return Number.isInteger(bits) && (bits as number) > 0 && (bits as number) < 16 ? `${bits}-bit ${name}` : name;
}
