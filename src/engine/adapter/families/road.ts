/** RoAd: rows in groups, whose halves are rotated and stretched in pairs, together with the bias. */
import { vectorView } from "../modules.ts";
import {
  type Formula,
  type FormulaModule,
  formulaFamily,
  numberSetting,
  part,
  statedBias,
  unsupported,
} from "./formula-family.ts";
import { shapeMismatch } from "./lora-context.ts";

const VARIANTS: ReadonlyMap<unknown, number> = new Map([
  ["road_1", 1],
  ["road_2", 2],
  ["road_4", 4],
]);

export const road = formulaFamily({
  type: "ROAD",
  factors: ["road_theta", "road_alpha"],
  needsBase: true,
  formula: "1",
  check: (config) => {
    variantOf(config);
    numberSetting(config, "group_size", 64);
  },
  state: (module) => rotation(module),
  bias: (module) => statedBias(module, rotation(module)),
});

function rotation(module: FormulaModule): Formula {
  const { config } = module.context.adapter;
  const variant = variantOf(config);
  const group = numberSetting(config, "group_size", 64);
  if (group % 2 !== 0 || group < 2 || module.rows % group !== 0) {
    throw shapeMismatch(module.context, module.module.name, `groups of ${group} do not divide ${module.rows} rows`);
  }
  const size = (module.rows * variant) / 2;
  const views = {
    angle: vectorView(part(module, "road_theta", [size])),
    length: vectorView(part(module, "road_alpha", [size])),
  };
  return { kind: "pairs", views, numbers: { group, variant } };
}

function variantOf(config: Record<string, unknown>): number {
  const variant = VARIANTS.get(config.variant ?? "road_1");
  if (variant === undefined) throw unsupported("ROAD adapters of this variant are not supported.");
  return variant;
}
