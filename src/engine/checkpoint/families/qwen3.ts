/** Qwen3 and the language model of Qwen3-VL. No biases, but norms of queries and keys. */
import { ATTENTION, GATED_MLP, HEAD_NORMS, LAYER_NORMS, makeFamily } from "./decoder.ts";

export const qwen3 = makeFamily({
  name: "qwen3",
  types: ["qwen3", "qwen3_vl", "qwen3_vl_text"],
  classes: ["Qwen3For", "Qwen3Model", "Qwen3VLFor", "Qwen3VLModel"],
  tables: [ATTENTION, HEAD_NORMS, GATED_MLP, LAYER_NORMS],
});
