/** BOFT with one butterfly factor: W′ = s ⊙ (W·Mᵀ), M block-diagonal with exact Cayley transforms. */
import { vectorView } from "../modules.ts";
import { formulaFamily, part, unsupported } from "./formula-family.ts";
import { shapeMismatch } from "./lora-context.ts";

export const boft = formulaFamily({
  type: "BOFT",
  factors: ["boft_R", "boft_s"],
  needsBase: true,
  formula: "1",
  state: (module) => {
    const tensor = part(module, "boft_R", [undefined, undefined, undefined, undefined]);
    const [factors = 0, count = 0, block = 0, width = 0] = tensor.shape;
    if (factors > 1) throw unsupported("BOFT adapters with more than one butterfly factor are not supported.");
    if (block !== width || count * block !== module.columns) {
      const detail = `boft_R is (${tensor.shape}), whose blocks do not make ${module.columns} columns`;
      throw shapeMismatch(module.context, module.module.name, detail);
    }
    const rows = vectorView(part(module, "boft_s", [module.rows, 1]));
    const square = { tensor, shape: [count * block, block] as [number, number] };
    return { kind: "rotation", views: { square, rows }, numbers: { block, terms: 0 } };
  },
});
