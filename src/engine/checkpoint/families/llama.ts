/** Llama 1 to 3 and the many models saved as such. */
import { ATTENTION, GATED_MLP, LAYER_NORMS, makeFamily } from "./decoder.ts";

export const llama = makeFamily({
  name: "llama",
  types: ["llama"],
  classes: ["LlamaFor", "LlamaModel"],
  tables: [ATTENTION, GATED_MLP, LAYER_NORMS],
});
