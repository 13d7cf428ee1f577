/** HiRA: ΔW = W ⊙ (B·A). */
import { formulaFamily, part } from "./formula-family.ts";

export const hira = formulaFamily({
  type: "HIRA",
  factors: ["hira_A", "hira_B"],
  needsBase: true,
  defaults: { rank: 32 },
  formula: "1",
  state: (module) => {
    // peft writes `rank_pattern`, but gives some modules the common rank all the same: the tensors tell.
    const left = { tensor: part(module, "hira_B", [module.rows, undefined]) };
    const right = { tensor: part(module, "hira_A", [left.tensor.shape[1], module.columns]) };
    return { kind: "gated", views: { left, right }, numbers: { scale: 1 } };
  },
});
