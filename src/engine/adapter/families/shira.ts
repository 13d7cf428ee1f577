/** SHiRA: single entries of ΔW at stored positions. */
import { elementCount, vectorView } from "../modules.ts";
import { formulaFamily, part, positionsPart } from "./formula-family.ts";

export const shira = formulaFamily({
  type: "SHIRA",
  factors: ["shira_weight", "shira_indices"],
  needsBase: false,
  formula: "1",
  state: (module) => {
    const values = part(module, "shira_weight", [undefined]);
    const places = positionsPart(module, "shira_indices", [2, elementCount(values)]);
    return { kind: "sparse", views: { values: vectorView(values) }, positions: { places }, numbers: {} };
  },
});
