/** LoHa: ΔW = alpha/r · (w1a·w1b) ⊙ (w2a·w2b), of rank up to r². */
import { formulaFamily, part } from "./formula-family.ts";

export const loha = formulaFamily({
  type: "LOHA",
  factors: ["hada_w1_a", "hada_w1_b", "hada_w2_a", "hada_w2_b"],
  needsBase: false,
  defaults: { rank: 8, alpha: 8 },
  hasPatterns: true,
  formula: "alpha / r",
  state: (module) => {
    const { rows, columns, rank, scale } = module;
    const left = (name: string) => ({ tensor: part(module, name, [rows, rank]) });
    const right = (name: string) => ({ tensor: part(module, name, [rank, columns]) });
    const views = { w1a: left("hada_w1_a"), w1b: right("hada_w1_b"), w2a: left("hada_w2_a"), w2b: right("hada_w2_b") };
    return { kind: "hadamard", views, numbers: { scale } };
  },
});
