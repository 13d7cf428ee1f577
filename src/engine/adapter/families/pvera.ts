/** PVeRA: VeRA whose factor A has twice the rows; the first half gives the mean, which is what merging writes. */
import { makeAlert } from "../../../contract/alerts.ts";
import { vectorView } from "../modules.ts";
import { firstColumns, flagSetting, formulaFamily, part, refuseUnsaved, sharedPart } from "./formula-family.ts";
import { shapeMismatch } from "./lora-context.ts";
import { firstRows } from "./lora-linear.ts";

export const pvera = formulaFamily({
  type: "PVERA",
  factors: ["pvera_lambda_b", "pvera_lambda_d"],
  shared: ["pvera_A", "pvera_B"],
  needsBase: false,
  limits: "saved with `save_projection`; what is not saved is not drawn again (decision 12)",
  defaults: { rank: 256 },
  formula: "1",
  check: (config) => {
    refuseUnsaved(config);
    flagSetting(config, "sample_at_inference", false);
  },
  alerts: (config) => {
    if (!flagSetting(config, "sample_at_inference", false)) return [];
    const message = "`sample_at_inference` is set: the running model adds noise to this ΔW, a merged one does not.";
    return [makeAlert("adapter.not-mergeable", message, "adapter_config.json")];
  },
  state: (module) => {
    const { rows, columns, rank, context } = module;
    const a = sharedPart(module, "pvera_A", [2 * rank, undefined]);
    const b = sharedPart(module, "pvera_B", [undefined, rank]);
    if ((a.shape[1] ?? 0) < columns || (b.shape[0] ?? 0) < rows) {
      throw shapeMismatch(context, module.module.name, `the shared matrices are smaller than (${rows}, ${columns})`);
    }
    const views = {
      left: firstRows({ tensor: b }, rows),
      right: firstRows(firstColumns(a, columns), rank),
      rows: vectorView(part(module, "pvera_lambda_b", [rows])),
      middle: { tensor: part(module, "pvera_lambda_d", [2 * rank]), shape: [1, rank] as [number, number] },
    };
    return { kind: "diagonal", views, numbers: { scale: 1 } };
  },
});
