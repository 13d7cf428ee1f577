/** DEFT: ΔW = L·(c·R − Mᵀ·W), a part of W taken out (and R put in its place); PaRa only takes out. */
import type { MatrixView } from "../../../contract/domain/tensor.ts";
import { invalidConfig, showValue } from "../config.ts";
import { type Formula, flagSetting, formulaFamily, numberSetting, part } from "./formula-family.ts";

export const deft = formulaFamily({
  type: "DEFT",
  factors: ["deft_P", "deft_R"],
  needsBase: true,
  defaults: { rank: 8 },
  formula: "alpha / r",
  scale: (config) => injectionScale(config, numberSetting(config, "r", 8)),
  check: (config) => {
    isOrthonormal(config);
    injectionScale(config, 1);
    flagSetting(config, "para", false);
  },
  state: (module): Formula => {
    const { rows, columns, context } = module;
    const { config } = context.adapter;
    // peft gives narrow layers no more directions than they have.
    const rank = Math.min(module.rank, rows);
    const views: Record<string, MatrixView> = { left: { tensor: part(module, "deft_P", [rows, rank]) } };
    const numbers = { orthonormal: isOrthonormal(config) ? 1 : 0 };
    if (flagSetting(config, "para", false)) return { kind: "projection", views, numbers };
    const right = { tensor: part(module, "deft_R", [rank, columns]) };
    return {
      kind: "projection",
      views: { ...views, right },
      numbers: { ...numbers, scale: injectionScale(config, rank) },
    };
  },
});

/** c of c·R; without alpha, 1. */
function injectionScale(config: Record<string, unknown>, rank: number): number {
  const alpha = config.alpha === null ? 0 : numberSetting(config, "alpha", 0);
  return alpha === 0 ? 1 : alpha / rank;
}

function isOrthonormal(config: Record<string, unknown>): boolean {
  const method = config.decomposition_method ?? "relu";
  if (method === "qr" || method === "relu") return method === "qr";
  throw invalidConfig(`\`decomposition_method\` is ${showValue(method)}; relu or qr is needed.`);
}
