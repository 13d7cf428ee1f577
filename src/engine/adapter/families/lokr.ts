/** LoKr: ΔW = alpha/r · w1 ⊗ w2, each factor whole or as a product. */
import type { DeltaFormula } from "../../../contract/domain/adapter.ts";
import { type FormulaModule, formulaFamily, part } from "./formula-family.ts";
import { shapeMismatch } from "./lora-context.ts";

export const lokr = formulaFamily({
  type: "LOKR",
  factors: ["lokr_w1", "lokr_w1_a", "lokr_w1_b", "lokr_w2", "lokr_w2_a", "lokr_w2_b"],
  needsBase: false,
  defaults: { rank: 8, alpha: 8 },
  hasPatterns: true,
  formula: "alpha / r",
  state: (module) => {
    const [first, second] = [factor(module, "w1"), factor(module, "w2")];
    const [rows, columns] = [first.rows * second.rows, first.columns * second.columns];
    if (rows !== module.rows || columns !== module.columns) {
      const detail = `the factors make (${rows}, ${columns}), the base weight is (${module.rows}, ${module.columns})`;
      throw shapeMismatch(module.context, module.module.name, detail);
    }
    return { kind: "kronecker", views: { ...first.views, ...second.views }, numbers: { scale: module.scale } };
  },
});

function factor(
  module: FormulaModule,
  name: "w1" | "w2",
): { rows: number; columns: number; views: DeltaFormula["views"] } {
  if (module.context.tensors.get(module.module.name)?.has(`lokr_${name}`)) {
    const tensor = part(module, `lokr_${name}`, [undefined, undefined]);
    return { rows: tensor.shape[0] ?? 0, columns: tensor.shape[1] ?? 0, views: { [name]: { tensor } } };
  }
  const left = part(module, `lokr_${name}_a`, [undefined, module.rank]);
  const right = part(module, `lokr_${name}_b`, [module.rank, undefined]);
  const views = { [`${name}a`]: { tensor: left }, [`${name}b`]: { tensor: right } };
  return { rows: left.shape[0] ?? 0, columns: right.shape[1] ?? 0, views };
}
