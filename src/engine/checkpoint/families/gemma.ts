/** Gemma 1 to 3: Gemma 2 adds norms around the MLP, Gemma 3 norms of queries and keys. The head is tied by default. */
import { ATTENTION, GATED_MLP, HEAD_NORMS, LAYER_NORMS, makeFamily, type RoleTable } from "./decoder.ts";

const FEEDFORWARD_NORMS: RoleTable = {
  pre_feedforward_layernorm: ["pre_feedforward_layernorm", "norm"],
  post_feedforward_layernorm: ["post_feedforward_layernorm", "norm"],
};

export const gemma = makeFamily({
  name: "gemma",
  types: ["gemma", "gemma2", "gemma3", "gemma3_text"],
  classes: ["GemmaFor", "GemmaModel", "Gemma2For", "Gemma2Model", "Gemma3For", "Gemma3Model", "Gemma3TextModel"],
  tables: [ATTENTION, HEAD_NORMS, GATED_MLP, LAYER_NORMS, FEEDFORWARD_NORMS],
});
