/** BEFT: Δb and nothing else. */
import { vectorView } from "../modules.ts";
import { formulaFamily, part } from "./formula-family.ts";

export const beft = formulaFamily({
  type: "BEFT",
  factors: ["beft_bias"],
  needsBase: false,
  defaults: { targets: ["v_proj"] },
  formula: "1",
  state: () => undefined,
  bias: (module) => ({ mode: "add", tuned: vectorView(part(module, "beft_bias", [1, module.rows])), scale: 1 }),
});
