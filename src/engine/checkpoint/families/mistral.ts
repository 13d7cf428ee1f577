/** Mistral, Ministral and Mixtral; Mixtral's w1, w3 and w2 are gate, up and down. */
import { ATTENTION, EXPERTS, GATED_MLP, LAYER_NORMS, makeFamily, type RoleTable } from "./decoder.ts";

const MIXTRAL: RoleTable = {
  "block_sparse_moe.gate": ["router", "router"],
  "block_sparse_moe.experts.w1": ["gate_proj", "mlp"],
  "block_sparse_moe.experts.w2": ["down_proj", "mlp"],
  "block_sparse_moe.experts.w3": ["up_proj", "mlp"],
};

export const mistral = makeFamily({
  name: "mistral",
  types: ["mistral", "ministral", "mixtral"],
  classes: ["MistralFor", "MistralModel", "MinistralFor", "MixtralFor", "MixtralModel"],
  tables: [ATTENTION, GATED_MLP, EXPERTS, MIXTRAL, LAYER_NORMS],
});
