import { expect, test } from "vitest";
import { finish } from "../../../test/builders/finish.ts";
import type { Tensor } from "./checkpoint.ts";
import { parseModelConfig } from "./config.ts";
import { detectQuantisation } from "./quantisation.ts";

const AT = "model.layers.0.mlp.up_proj";

function detect(tensors: Record<string, string>, settings?: Record<string, unknown>): string | undefined {
  const rows = Object.entries(tensors).map(([name, dtype]): [string, Tensor] => {
    const place = { path: "", begin: 0, end: 0, fileSize: 0, mtimeNs: 0n };
    return [`${AT}.${name}`, { ...place, name, storedName: name, dtype, shape: [8, 8] }];
  });
  const raw = settings === undefined ? {} : { quantization_config: settings };
  return finish(detectQuantisation(new Map(rows), parseModelConfig(raw, "config.json")));
}

/** Layouts of the formats in use; the last column is what people read. */
test.each<[Record<string, string>, Record<string, unknown> | undefined, string | undefined]>([
  [{ weight: "BF16" }, undefined, undefined],
  [
    { weight: "F8_E4M3", weight_scale_inv: "F32" },
    { quant_method: "fp8", weight_block_size: [128, 128] },
    "FP8 in blocks",
  ],
  [{ weight: "F8_E4M3", weight_scale_inv: "F32" }, undefined, "FP8 in blocks"],
  [
    { weight: "F8_E4M3", weight_scale: "BF16", input_scale: "F32" },
    { quant_method: "compressed-tensors" },
    "FP8 per row or tensor",
  ],
  [{ weight: "F8_E4M3", weight_scale: "F32" }, { quant_method: "fbgemm_fp8" }, "FP8 per row or tensor"],
  [
    { weight: "U8", "weight.absmax": "U8", "weight.quant_map": "F32", "weight.quant_state.bitsandbytes__nf4": "U8" },
    { quant_method: "bitsandbytes", load_in_4bit: true },
    "4-bit bitsandbytes (nf4)",
  ],
  [
    { weight: "U8", "weight.absmax": "U8", "weight.quant_state.bitsandbytes__fp4": "U8" },
    undefined,
    "4-bit bitsandbytes (fp4)",
  ],
  [{ weight: "I8", SCB: "F32" }, { load_in_8bit: true }, "8-bit bitsandbytes"],
  [{ qweight: "I32", qzeros: "I32", scales: "F16", g_idx: "I32" }, { quant_method: "gptq", bits: 4 }, "4-bit GPTQ"],
  [{ qweight: "I32", qzeros: "I32", scales: "F16", g_idx: "I32" }, undefined, "GPTQ"],
  [{ qweight: "I32", qzeros: "I32", scales: "F16" }, { quant_method: "awq", bits: 4 }, "4-bit AWQ"],
  [
    { weight_packed: "I32", weight_scale: "BF16", weight_shape: "I64" },
    { quant_method: "compressed-tensors" },
    "compressed-tensors int",
  ],
  [{ gate_up_proj_blocks: "U8", gate_up_proj_scales: "U8" }, { quant_method: "mxfp4" }, "MXFP4"],
  [{ W_q: "U8" }, undefined, "HQQ"],
  [{ codebooks: "F16", codes: "I8" }, { quant_method: "aqlm" }, "AQLM"],
  [{ "weight._data": "I8", "weight._scale": "F32" }, undefined, "quanto"],
  [{ weight: "BF16" }, { quant_method: "eetq" }, "eetq"],
  [{ weight: "BF16" }, { quant_method: "bitsandbytes", load_in_4bit: true }, undefined],
  [{ weight: "BF16" }, { quant_method: "toString" }, "toString"],
])("%j with %j is %s", (tensors, settings, expected) => {
  expect(detect(tensors, settings)).toBe(expected);
});
