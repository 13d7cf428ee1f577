/** AdaLoRA: ΔW = alpha/(init_r + 10⁻⁵) · B·diag(E)·A; the file is cut to the ranks that training chose. */
import { vectorView } from "../modules.ts";
import { formulaFamily, numberSetting, part } from "./formula-family.ts";

/** peft divides by the rank plus this. */
const LEAST = 1e-5;

export const adalora = formulaFamily({
  type: "ADALORA",
  factors: ["lora_A", "lora_B", "lora_E"],
  needsBase: false,
  defaults: { rank: 12, rankKey: "init_r", alpha: 8, alphaKey: "lora_alpha" },
  formula: "lora_alpha / init_r",
  state: (module) => {
    const { context, rows, columns } = module;
    const { config } = context.adapter;
    const initial = numberSetting(config, "init_r", 12);
    const alpha = numberSetting(config, "lora_alpha", 8);
    // Pruned to nothing.
    if (context.tensors.get(module.module.name)?.get("lora_E")?.tensor.shape[0] === 0) return undefined;
    const middle = part(module, "lora_E", [undefined, 1]);
    const rank = middle.shape[0] ?? 0;
    const left = { tensor: part(module, "lora_B", [rows, rank]) };
    const right = { tensor: part(module, "lora_A", [rank, columns]) };
    const scale = (alpha > 0 ? alpha : initial) / (initial + LEAST);
    return { kind: "diagonal", views: { left, right, middle: vectorView(middle) }, numbers: { scale } };
  },
});
