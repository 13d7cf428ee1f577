/** MiSS: one block repeated over the matrix (`true`, `mini`), or multiplied onto its tiles (`bat`). */
import { type Formula, formulaFamily, part } from "./formula-family.ts";
import { requireBase, shapeMismatch } from "./lora-context.ts";

export const miss = formulaFamily({
  type: "MISS",
  factors: ["miss_block"],
  needsBase: false,
  defaults: { rank: 64 },
  formula: "1",
  state: (module): Formula => {
    const { rows, columns, rank, context } = module;
    const { init_weights: start } = context.adapter.config;
    if (start === "bat") {
      requireBase(context, module.module, "MiSS with `init_weights` bat");
      const tensor = part(module, "miss_block", [rows / rank, rank, rank]);
      if (columns % rank !== 0)
        throw shapeMismatch(context, module.module.name, `tiles of ${rank} do not divide ${columns} columns`);
      return { kind: "tiles", views: { block: { tensor, shape: [rows, rank] } }, numbers: { multiplied: 1 } };
    }
    const tensor = part(module, "miss_block", [rank, start === "mini" ? undefined : rows]);
    if (rows % (tensor.shape[1] ?? 1) !== 0)
      throw shapeMismatch(
        context,
        module.module.name,
        `miss_block is (${tensor.shape}), its columns do not divide ${rows} rows`,
      );
    return { kind: "tiles", views: { block: { tensor } }, numbers: {} };
  },
});
