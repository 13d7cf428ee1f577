/** LN tuning: norms (or whatever else is targeted) stored in full, in place of the base's. */
import { familyWith } from "./formula-family.ts";

export const lnTuning = familyWith(
  {
    type: "LN_TUNING",
    factors: ["ln_tuning_layers"],
    needsBase: true,
    defaults: { targets: ["post_attention_layernorm"] },
    formula: "1",
  },
  { replacement: "ln_tuning_layers" },
);
