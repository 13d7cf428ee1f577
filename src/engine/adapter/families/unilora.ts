/** Uni-LoRA: every entry of both factors points into one vector that all modules share. */
import { DeltaScopeError } from "../../../contract/errors.ts";
import { vectorView } from "../modules.ts";
import { flagSetting, formulaFamily, part, positionsPart, sharedPart } from "./formula-family.ts";

export const unilora = formulaFamily({
  type: "UNILORA",
  factors: ["unilora_indices_A", "unilora_indices_B", "unilora_scales_A", "unilora_scales_B"],
  shared: ["unilora_theta_d"],
  needed: true,
  needsBase: false,
  limits: "saved with `save_indices`",
  defaults: { rank: 4 },
  formula: "1",
  check: (config) => {
    if (flagSetting(config, "save_indices", false)) return;
    throw new DeltaScopeError(
      "adapter.projection-not-saved",
      "The random projections of this UNILORA adapter are not in the file. Save again with `save_indices=True`.",
      "adapter_config.json",
    );
  },
  state: (module) => {
    const { rows, columns, rank } = module;
    const theta = vectorView(sharedPart(module, "unilora_theta_d", [undefined]));
    const views = {
      theta,
      scales_a: { tensor: part(module, "unilora_scales_A", [rank, columns]) },
      scales_b: { tensor: part(module, "unilora_scales_B", [rows, rank]) },
    };
    const positions = {
      indices_a: positionsPart(module, "unilora_indices_A", [rank, columns]),
      indices_b: positionsPart(module, "unilora_indices_B", [rows, rank]),
    };
    return { kind: "picked", views, positions, numbers: { rank } };
  },
});
