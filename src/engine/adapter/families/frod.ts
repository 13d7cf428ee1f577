/** FRoD: W′ = U·(diag(l) + S)·Vᵀ; V and the places of S are shared by all modules of one kind, U follows from W. */
import { type BaseModule, elementCount, vectorView } from "../modules.ts";
import { formulaFamily, part, refuseUnsaved, sharedPart, sharedPositions } from "./formula-family.ts";
import { takeTensor } from "./lora-context.ts";

/** None where `sparse_rate` is 0. */
const VALUES = "frod_lambda_s_values";

export const frod = formulaFamily({
  type: "FROD",
  factors: ["frod_lambda_l", VALUES],
  shared: ["frod_V", "frod_s_indices", "frod_s_size"],
  needsBase: true,
  formula: "1",
  check: refuseUnsaved,
  state: (module) => {
    const { columns, context } = module;
    const category = categoryOf(module.module);
    const source = { tensor: sharedPart(module, `frod_V.${category}`, [columns, columns]) };
    const diagonal = vectorView(part(module, "frod_lambda_l", [columns]));
    const stored = takeTensor(context, module.module.name, VALUES);
    if (stored?.shape.length === 1 && stored.shape[0] === 0) {
      return { kind: "joint", views: { source, diagonal }, numbers: {} };
    }
    const values = part(module, VALUES, [undefined]);
    const places = sharedPositions(module, `frod_s_indices.${category}`, [2, elementCount(values)]);
    const views = { source, diagonal, values: vectorView(values) };
    return { kind: "joint", views, positions: { places }, numbers: {} };
  },
});

/** `self_attn_q_proj`: the last two parts of the name, or the last behind the number of a layer. */
function categoryOf({ wrapped }: BaseModule): string {
  const parts = wrapped.split(".");
  const [above, last = ""] = [parts.at(-2), parts.at(-1)];
  if (above === undefined || /^\d+$/u.test(above)) return last;
  const category = `${above}_${last}`;
  return category === "output_dense" && parts.at(-3) === "attention" ? "attention_output" : category;
}
