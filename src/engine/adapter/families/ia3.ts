/** IA3: W′ = W ⊙ l, by rows together with the bias, or by columns in feed-forward modules. */
import { z } from "zod";
import { invalidConfig, showValue } from "../config.ts";
import { vectorView } from "../modules.ts";
import { compilePattern } from "../pattern.ts";
import { type Formula, type FormulaModule, formulaFamily, part, statedBias } from "./formula-family.ts";

const feedForward = z.union([z.string(), z.array(z.string())]).nullish();

export const ia3 = formulaFamily({
  type: "IA3",
  factors: ["ia3_l"],
  needsBase: true,
  defaults: { targets: ["q_proj", "v_proj", "down_proj"] },
  formula: "1",
  check: (config) => {
    isFeedForward(config, "");
  },
  state: (module) => scaling(module),
  bias: (module) => (hasFeedForwardForm(module) ? undefined : statedBias(module, scaling(module))),
});

function scaling(module: FormulaModule): Formula {
  const byColumns = hasFeedForwardForm(module);
  const scales = vectorView(part(module, "ia3_l", byColumns ? [1, module.columns] : [module.rows, 1]));
  return { kind: "scaled", views: byColumns ? { columns: scales } : { rows: scales }, numbers: {} };
}

function hasFeedForwardForm({ context, module }: FormulaModule): boolean {
  return isFeedForward(context.adapter.config, module.wrapped);
}

/** A text is a pattern for whole names; entries of a list are plain ends of names. */
function isFeedForward(config: Record<string, unknown>, wrapped: string): boolean {
  const parsed = feedForward.safeParse(config.feedforward_modules);
  if (!parsed.success) throw invalidConfig(`\`feedforward_modules\` is ${showValue(config.feedforward_modules)}.`);
  const entries = parsed.data ?? ["down_proj"];
  if (typeof entries !== "string") return entries.some((entry) => wrapped.endsWith(entry));
  const pattern = compilePattern(entries);
  if (pattern === undefined)
    throw invalidConfig("the pattern in `feedforward_modules` cannot be matched in linear time.");
  return pattern.matchesWhole(wrapped);
}
