/** Phi: Phi-3 and Phi-4 fuse q, k, v and gate, up; Phi-1 and Phi-2 have dense, fc1 and fc2. */
import { ATTENTION, LAYER_NORMS, makeFamily, type RoleTable } from "./decoder.ts";

const FUSED: RoleTable = {
  "self_attn.qkv_proj": ["qkv_proj", "attention"],
  "mlp.gate_up_proj": ["gate_up_proj", "mlp"],
  "mlp.down_proj": ["down_proj", "mlp"],
};

const EARLY: RoleTable = {
  "self_attn.dense": ["dense", "attention"],
  "self_attn.q_layernorm": ["q_norm", "norm"],
  "self_attn.k_layernorm": ["k_norm", "norm"],
  "mlp.fc1": ["fc1", "mlp"],
  "mlp.fc2": ["fc2", "mlp"],
  final_layernorm: ["norm", "norm"],
};

export const phi = makeFamily({
  name: "phi",
  types: ["phi", "phi3"],
  classes: ["PhiFor", "PhiModel", "Phi3For", "Phi3Model"],
  tables: [ATTENTION, FUSED, EARLY, LAYER_NORMS],
});
