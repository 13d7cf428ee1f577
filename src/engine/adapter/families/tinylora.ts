/** TinyLoRA: ΔW = B·(Σ vᵢPᵢ)·A with stored singular directions A and B, and v shared by a group of modules. */
import { makeAlert } from "../../../contract/alerts.ts";
import type { MatrixView } from "../../../contract/domain/tensor.ts";
import { baseName } from "../belonging.ts";
import { vectorView } from "../modules.ts";
import { type FormulaModule, formulaFamily, part, refuseUnsaved, sharedPart } from "./formula-family.ts";
import { groupOf, tyingOf } from "./tinylora-groups.ts";

export const tinylora = formulaFamily({
  type: "TINYLORA",
  factors: ["tinylora_A", "tinylora_B", "tinylora_P"],
  shared: ["tinylora_v"],
  needed: true,
  needsBase: false,
  limits: "saved with `save_projection`; matrices whose order in the running model is known",
  defaults: { rank: 2 },
  formula: "1",
  check: (config) => {
    refuseUnsaved(config);
    tyingOf(config);
  },
  state: (module) => {
    const { rows, columns, context } = module;
    // The rank of a small matrix is less than `r`.
    const left = part(module, "tinylora_B", [rows, undefined]);
    const rank = left.shape[1] ?? 0;
    const right = part(module, "tinylora_A", [rank, columns]);
    const group = groupOf(context, module.module);
    const weights = vectorView(sharedPart(module, `tinylora_v.${group}`, [undefined]));
    const count = weights.shape?.[1] ?? 0;
    const tensor = part(module, "tinylora_P", [count, rank, rank]);
    addStartEvidence(module, { tensor: left }, { tensor: right });
    const projections = { tensor, shape: [count, rank * rank] as [number, number] };
    return {
      kind: "combined",
      views: { left: { tensor: left }, right: { tensor: right }, weights, projections },
      numbers: {},
    };
  },
});

/** B·A is what the base's largest singular values made of it when training began, and never trained. */
function addStartEvidence({ context, module }: FormulaModule, first: MatrixView, right: MatrixView): void {
  const { name, weight: second } = module;
  if (second === undefined) return;
  const message = `${name}: tinylora_B·tinylora_A are not the leading singular directions of this matrix of ${baseName(context.base)}, as they were of the one the adapter was trained on.`;
  const alert = makeAlert("adapter.base-differs", message, name);
  context.evidence.push({ kind: "leading", module: name, first, right, second, alert });
}
