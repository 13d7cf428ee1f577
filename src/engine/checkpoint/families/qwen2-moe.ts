/** Qwen1.5-MoE and Qwen2-MoE: routed experts beside one shared expert with a gate of its own; some layers are dense. */
import { ATTENTION, EXPERTS, GATED_MLP, LAYER_NORMS, makeFamily, type RoleTable } from "./decoder.ts";

const SHARED_EXPERT: RoleTable = {
  "mlp.shared_expert.gate_proj": ["shared_expert.gate_proj", "mlp"],
  "mlp.shared_expert.up_proj": ["shared_expert.up_proj", "mlp"],
  "mlp.shared_expert.down_proj": ["shared_expert.down_proj", "mlp"],
  "mlp.shared_expert_gate": ["shared_expert_gate", "router"],
};

export const qwen2Moe = makeFamily({
  name: "qwen2-moe",
  types: ["qwen2_moe"],
  classes: ["Qwen2Moe"],
  tables: [ATTENTION, GATED_MLP, EXPERTS, SHARED_EXPERT, LAYER_NORMS],
});
