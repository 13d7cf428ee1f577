/** Super-tuning: single entries of ΔW at stored places, and plain LoRA beside them (Supra). */
import type { LowRankTerm } from "../../../contract/domain/adapter.ts";
import { DeltaScopeError } from "../../../contract/errors.ts";
import { elementCount, vectorView } from "../modules.ts";
import {
  type FormulaModule,
  flagSetting,
  formulaFamily,
  numberSetting,
  part,
  positionsPart,
  wholeSetting,
} from "./formula-family.ts";

export const supertuning = formulaFamily({
  type: "SUPERTUNING",
  factors: ["supertuning_values", "supertuning_indices", "supertuning_lora_A", "supertuning_lora_B"],
  needsBase: false,
  limits: "saved with `save_precomputed_indices`",
  formula: "1",
  check: (config) => {
    factorSettings(config);
    if (flagSetting(config, "save_precomputed_indices", true)) return;
    throw new DeltaScopeError(
      "adapter.projection-not-saved",
      "The positions of this SUPERTUNING adapter are not in the file. Save again with `save_precomputed_indices=True`.",
      "adapter_config.json",
    );
  },
  state: (module) => {
    const values = part(module, "supertuning_values", [undefined]);
    const places = positionsPart(module, "supertuning_indices", [elementCount(values)]);
    const stated = {
      kind: "sparse",
      views: { values: vectorView(values) },
      positions: { places },
      numbers: {},
    } as const;
    const factors = factorSettings(module.context.adapter.config);
    return factors ? { ...stated, lowRank: [term(module, factors)] } : stated;
  },
});

interface FactorSettings {
  rank: number;
  alpha: number;
}

/** Undefined where the method has no factors. */
function factorSettings(config: Record<string, unknown>): FactorSettings | undefined {
  if (!Object.hasOwn(config, "r") || config.r === null) return undefined;
  const rank = wholeSetting(config, "r", 1, 1);
  const alpha = config.lora_alpha === null ? 2 * rank : numberSetting(config, "lora_alpha", 2 * rank);
  return { rank, alpha };
}

function term(module: FormulaModule, { rank, alpha }: FactorSettings): LowRankTerm {
  const left = { tensor: part(module, "supertuning_lora_B.weight", [module.rows, rank]) };
  const right = { tensor: part(module, "supertuning_lora_A.weight", [rank, module.columns]) };
  return { left, right, scale: alpha / rank };
}
