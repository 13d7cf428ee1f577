/** GraLoRA: ΔW = alpha / (r + h) · (k × k blocks, each the product of its own slices of the factors, + B_g·A_g). */
import type { LowRankTerm } from "../../../contract/domain/adapter.ts";
import { type FormulaModule, formulaFamily, numberSetting, part, wholeSetting } from "./formula-family.ts";
import { shapeMismatch } from "./lora-context.ts";

export const gralora = formulaFamily({
  type: "GRALORA",
  factors: ["gralora_A", "gralora_B", "gralora_A_general", "gralora_B_general"],
  needsBase: false,
  defaults: { rank: 32, alpha: 64 },
  formula: "alpha / (r + hybrid_r)",
  scale: (config) => numberSetting(config, "alpha", 64) / (numberSetting(config, "r", 32) + settingsOf(config).hybrid),
  check: (config) => {
    settingsOf(config);
  },
  state: (module) => {
    const { rows, columns, rank, context } = module;
    const { blocks, hybrid } = settingsOf(context.adapter.config);
    if (rank % blocks !== 0 || rows % blocks !== 0 || columns % blocks !== 0) {
      const detail = `gralora_k ${blocks} does not divide rank ${rank} and the base weight (${rows}, ${columns})`;
      throw shapeMismatch(context, module.module.name, detail);
    }
    const scale = (module.scale * rank) / (rank + hybrid);
    const a = part(module, "gralora_A", [blocks, columns / blocks, rank]);
    const b = part(module, "gralora_B", [blocks, rank, rows / blocks]);
    const views = {
      right: { tensor: a, shape: [columns, rank] as [number, number] },
      left: { tensor: b, shape: [blocks * rank, rows / blocks] as [number, number] },
    };
    const lowRank = hybrid === 0 ? {} : { lowRank: [generalTerm(module, hybrid, scale)] };
    return { kind: "grains", views, numbers: { blocks, scale }, ...lowRank };
  },
});

function settingsOf(config: Record<string, unknown>): { blocks: number; hybrid: number } {
  return { blocks: wholeSetting(config, "gralora_k", 2, 1), hybrid: wholeSetting(config, "hybrid_r", 0, 0) };
}

/** The plain product over the whole matrix. */
function generalTerm(module: FormulaModule, rank: number, scale: number): LowRankTerm {
  const left = part(module, "gralora_B_general.weight", [module.rows, rank]);
  const right = part(module, "gralora_A_general.weight", [rank, module.columns]);
  return { left: { tensor: left }, right: { tensor: right }, scale };
}
