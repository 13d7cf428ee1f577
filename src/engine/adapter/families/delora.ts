/** DeLoRA: ΔW = B·diag(λ/r/(‖Aᵢ‖·‖Bᵢ‖))·A·diag(column norms of W at the start). */
import { makeAlert } from "../../../contract/alerts.ts";
import type { MatrixView } from "../../../contract/domain/tensor.ts";
import { baseName } from "../belonging.ts";
import { vectorView } from "../modules.ts";
import { type FormulaModule, formulaFamily, part } from "./formula-family.ts";

export const delora = formulaFamily({
  type: "DELORA",
  factors: ["delora_A", "delora_B", "delora_lambda", "delora_w_norm"],
  needsBase: false,
  defaults: { rank: 8 },
  formula: "λ / r",
  state: (module) => {
    const { rows, columns } = module;
    const b = part(module, "delora_B", [rows, undefined]);
    const views = {
      left: { tensor: b },
      right: { tensor: part(module, "delora_A", [b.shape[1], columns]) },
      lambda: vectorView(part(module, "delora_lambda", [1])),
      columns: vectorView(part(module, "delora_w_norm", [columns])),
    };
    addNormEvidence(module, views.columns);
    return { kind: "delora", views, numbers: {} };
  },
});

/** The column norms were stored when training began, and never trained. */
function addNormEvidence({ context, module }: FormulaModule, first: MatrixView): void {
  const { name, weight: second } = module;
  if (second === undefined) return;
  const message = `${name}: the column norms of the matrix the adapter was trained on (delora_w_norm) are not those of ${baseName(context.base)}.`;
  const alert = makeAlert("adapter.base-differs", message, name);
  context.evidence.push({ kind: "norms", module: name, first, second, axis: "column", alert });
}
