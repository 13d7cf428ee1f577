/** VeRA: ΔW = diag(b)·B[:out]·diag(d)·A[:, :in], with A and B shared by all modules. */
import { vectorView } from "../modules.ts";
import { firstColumns, formulaFamily, part, refuseUnsaved, sharedPart } from "./formula-family.ts";
import { shapeMismatch } from "./lora-context.ts";
import { firstRows } from "./lora-linear.ts";

export const vera = formulaFamily({
  type: "VERA",
  factors: ["vera_lambda_b", "vera_lambda_d"],
  shared: ["vera_A", "vera_B"],
  needsBase: false,
  limits: "saved with `save_projection`; what is not saved is not drawn again (decision 12)",
  defaults: { rank: 256 },
  formula: "1",
  check: refuseUnsaved,
  state: (module) => {
    const { rows, columns, rank, context } = module;
    const a = sharedPart(module, "vera_A", [rank, undefined]);
    const b = sharedPart(module, "vera_B", [undefined, rank]);
    if ((a.shape[1] ?? 0) < columns || (b.shape[0] ?? 0) < rows) {
      throw shapeMismatch(context, module.module.name, `the shared matrices are smaller than (${rows}, ${columns})`);
    }
    const views = {
      left: firstRows({ tensor: b }, rows),
      right: firstColumns(a, columns),
      rows: vectorView(part(module, "vera_lambda_b", [rows])),
      middle: vectorView(part(module, "vera_lambda_d", [rank])),
    };
    return { kind: "diagonal", views, numbers: { scale: 1 } };
  },
});
