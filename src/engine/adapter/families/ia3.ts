/** IA3: W′ = W ⊙ l, by rows, or by columns in feed-forward modules. */
import { z } from "zod";
import { invalidConfig, showValue } from "../config.ts";
import { vectorView } from "../modules.ts";
import { compilePattern } from "../pattern.ts";
import { type Formula, formulaFamily, part, refuseBias } from "./formula-family.ts";

const feedForward = z.union([z.string(), z.array(z.string())]).nullish();

export const ia3 = formulaFamily({
  type: "IA3",
  factors: ["ia3_l"],
  needsBase: true,
  defaults: { targets: ["q_proj", "v_proj", "down_proj"] },
  formula: "1",
  state: (module): Formula => {
    const { rows, columns, context } = module;
    if (isFeedForward(context.adapter.config, module.module.wrapped)) {
      return { kind: "scaled", views: { columns: vectorView(part(module, "ia3_l", [1, columns])) }, numbers: {} };
    }
    refuseBias(module, "IA3 scales");
    return { kind: "scaled", views: { rows: vectorView(part(module, "ia3_l", [rows, 1])) }, numbers: {} };
  },
});

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
