/** HRA: W′ = W·Π(I − 2ûûᵀ), or one reflection in the span of the orthonormalised vectors. */
import { flagSetting, formulaFamily, part } from "./formula-family.ts";

export const hra = formulaFamily({
  type: "HRA",
  factors: ["hra_u"],
  needsBase: true,
  defaults: { rank: 8 },
  formula: "1",
  check: (config) => {
    isOrthonormal(config);
  },
  state: (module) => {
    const directions = { tensor: part(module, "hra_u", [module.columns, module.rank]) };
    const orthonormal = isOrthonormal(module.context.adapter.config) ? 1 : 0;
    return { kind: "reflection", views: { directions }, numbers: { orthonormal } };
  },
});

function isOrthonormal(config: Record<string, unknown>): boolean {
  return flagSetting(config, "apply_GS", false);
}
