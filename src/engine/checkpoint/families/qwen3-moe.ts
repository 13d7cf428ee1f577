/** Qwen3-MoE and the language model of Qwen3-VL-MoE: routed experts, some layers dense. */
import { ATTENTION, EXPERTS, GATED_MLP, HEAD_NORMS, LAYER_NORMS, makeFamily } from "./decoder.ts";

export const qwen3Moe = makeFamily({
  name: "qwen3-moe",
  types: ["qwen3_moe", "qwen3_vl_moe", "qwen3_vl_moe_text"],
  classes: ["Qwen3Moe", "Qwen3VLMoe"],
  tables: [ATTENTION, HEAD_NORMS, GATED_MLP, EXPERTS, LAYER_NORMS],
});
