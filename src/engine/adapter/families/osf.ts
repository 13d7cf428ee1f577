/** OSF: the smallest singular directions of W are taken out, and U·diag(S)·V put in their place. */
import { vectorView } from "../modules.ts";
import { type FormulaModule, formulaFamily, part } from "./formula-family.ts";
import { shapeMismatch } from "./lora-context.ts";
import { SMALLEST } from "./lora-variant-formulas.ts";

const INNER: ReadonlySet<string> = new Set(["U_low", "S_low", "V_low"]);
const TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "down_proj", "up_proj"];

export const osf = formulaFamily({
  type: "OSF",
  factors: ["osf_svd_params"],
  isInner: (name) => INNER.has(name),
  needsBase: true,
  defaults: { targets: TARGETS },
  formula: "1",
  state: (module) => {
    const { rows, columns } = module;
    const left = part(module, "osf_svd_params.U_low", [rows, undefined]);
    const rank = left.shape[1] ?? 0;
    checkRank(module, rank);
    const views = {
      left: { tensor: left },
      middle: vectorView(part(module, "osf_svd_params.S_low", [rank])),
      right: { tensor: part(module, "osf_svd_params.V_low", [rank, columns]) },
    };
    return { kind: "taken", views, numbers: { rank, part: SMALLEST, factor: 1, scale: 1 } };
  },
});

/** How many directions stay is up to `effective_rank`, or to patterns whose choice the tensors show. */
function checkRank({ context, module, rows, columns }: FormulaModule, rank: number): void {
  const { effective_rank: value, rank_pattern: patterns } = context.adapter.config;
  const size = Math.min(rows, columns);
  const kept = size - rank;
  const hasPatterns = typeof patterns === "object" && patterns !== null && Object.keys(patterns).length > 0;
  const isPossible = kept >= 1 && (hasPatterns || keptRanks(value, size).includes(kept));
  if (isPossible) return;
  const detail = `U_low has ${rank} columns, which leaves ${kept} of ${size} directions; effective_rank is ${value ?? "null"}`;
  throw shapeMismatch(context, module.name, detail);
}

/** 1 is one direction as a whole number and all of them as a fraction: JSON tells no difference here. */
function keptRanks(value: unknown, size: number): number[] {
  if (typeof value !== "number") return [Math.floor(size / 2)];
  if (value === 1) return [1, size];
  return [value > 0 && value < 1 ? Math.trunc(size * value) : Math.min(size, Math.trunc(value))];
}
