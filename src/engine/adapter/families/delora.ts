/** DeLoRA: ΔW = B·diag(λ/r/(‖Aᵢ‖·‖Bᵢ‖))·A·diag(column norms of W at the start). */
import { vectorView } from "../modules.ts";
import { formulaFamily, part } from "./formula-family.ts";

export const delora = formulaFamily({
  type: "DELORA",
  factors: ["delora_A", "delora_B", "delora_lambda", "delora_w_norm"],
  needsBase: false,
  defaults: { rank: 8 },
  formula: "λ / r",
  state: (module) => {
    const { rows, columns } = module;
    const b = part(module, "delora_B", [rows, undefined]);
    const views = {
      left: { tensor: b },
      right: { tensor: part(module, "delora_A", [b.shape[1], columns]) },
      lambda: vectorView(part(module, "delora_lambda", [1])),
      columns: vectorView(part(module, "delora_w_norm", [columns])),
    };
    return { kind: "delora", views, numbers: {} };
  },
});
