/** C3A: ΔW of circulant blocks, each told by one kernel, divided by the number of columns. */
import { formulaFamily, part } from "./formula-family.ts";
import { shapeMismatch } from "./lora-context.ts";

export const c3a = formulaFamily({
  type: "C3A",
  factors: ["c3a_kernel"],
  needsBase: false,
  formula: "1 / columns",
  state: (module) => {
    const tensor = part(module, "c3a_kernel", [undefined, undefined, undefined]);
    const [down = 0, across = 0, size = 0] = tensor.shape;
    if (down * size !== module.rows || across * size !== module.columns) {
      const detail = `c3a_kernel is (${tensor.shape}), the base weight is (${module.rows}, ${module.columns})`;
      throw shapeMismatch(module.context, module.module.name, detail);
    }
    return { kind: "circulant", views: { kernel: { tensor, shape: [down * across, size] } }, numbers: {} };
  },
});
