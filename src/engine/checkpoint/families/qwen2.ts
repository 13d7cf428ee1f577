/** Qwen2 and Qwen2.5, and the language models of Qwen2-VL and Qwen2.5-VL. Biases on q, k and v. */
import { ATTENTION, GATED_MLP, LAYER_NORMS, makeFamily } from "./decoder.ts";

export const qwen2 = makeFamily({
  name: "qwen2",
  types: ["qwen2", "qwen2_vl", "qwen2_vl_text", "qwen2_5_vl", "qwen2_5_vl_text"],
  classes: ["Qwen2For", "Qwen2Model", "Qwen2VL", "Qwen2_5_VL"],
  tables: [ATTENTION, GATED_MLP, LAYER_NORMS],
});
