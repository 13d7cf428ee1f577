/** HiRA: ΔW = W ⊙ (B·A), and ΔE = E ⊙ (B·A)ᵀ for embeddings. */
import { formulaFamily, part } from "./formula-family.ts";

export const hira = formulaFamily({
  type: "HIRA",
  factors: ["hira_A", "hira_B", "hira_embedding_A", "hira_embedding_B"],
  needsBase: true,
  onEmbeddings: true,
  defaults: { rank: 32 },
  formula: "1",
  state: (module) => {
    if (module.module.kind === "embedding") {
      const columns = part(module, "hira_embedding_B", [module.columns, undefined]);
      const rows = part(module, "hira_embedding_A", [columns.shape[1], module.rows]);
      const views = { left: { tensor: rows, transpose: true }, right: { tensor: columns, transpose: true } };
      return { kind: "gated", views, numbers: { scale: 1 } };
    }
    // peft writes `rank_pattern`, but gives some modules the common rank all the same: the tensors tell.
    const left = { tensor: part(module, "hira_B", [module.rows, undefined]) };
    const right = { tensor: part(module, "hira_A", [left.tensor.shape[1], module.columns]) };
    return { kind: "gated", views: { left, right }, numbers: { scale: 1 } };
  },
});
