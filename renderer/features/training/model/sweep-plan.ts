/** A sweep that is being planned: its axes as lists in the address, and the specification they make. */
import { z } from "zod";
import { type RunConfig, recipe, type SweepSpec, sweepSpec } from "../../../../src/contract/domain/training.ts";
import { type Draft, withValue } from "./recipe.ts";

/** Chips of one axis. */
const mostValues = 24;

const planned = z.object({
  name: z.string().max(120).default(""),
  /** Empty: the method of the recipe. "full", or a rank. */
  variants: z.array(z.string().max(12)).max(mostValues).default([]),
  noise: z.array(z.number().min(0).max(1)).max(mostValues).default([]),
  seed: z.array(z.number().int().min(0)).max(mostValues).default([]),
  subset: z.array(z.number().int().positive()).max(mostValues).default([]),
  learning_rate: z.array(z.number().positive()).max(mostValues).default([]),
  /** Tasks that count as the new one; null: the first. */
  fresh: z.array(z.string()).nullable().default(null),
  keep: z.enum(["all", "best", "spectra"]).default("all"),
});
export type Planned = z.infer<typeof planned>;
export type AxisName = "variants" | "noise" | "seed" | "subset" | "learning_rate";

export function readPlan(text: string | undefined): Planned {
  try {
    return planned.parse(text === undefined ? {} : JSON.parse(text));
  } catch {
    return planned.parse({});
  }
}

/** Without what is as at the start. */
export function writePlan(plan: Planned): string | undefined {
  const usual = planned.parse({});
  const changed = Object.entries(plan).filter(
    ([key, value]) => JSON.stringify(value) !== JSON.stringify(usual[key as keyof Planned]),
  );
  return changed.length === 0 ? undefined : JSON.stringify(Object.fromEntries(changed));
}

/** Tasks of the recipe by what they measure. */
export function rolesOf(plan: Planned, config: RunConfig): { file: string; role: "new" | "retain" }[] {
  const fresh = plan.fresh ?? config.eval.tasks.slice(0, 1);
  return config.eval.tasks.map((file) => ({ file, role: fresh.includes(file) ? "new" : "retain" }));
}

/** Undefined while a value is not usable. */
export function specOf(plan: Planned, draft: Draft, config: RunConfig): SweepSpec | undefined {
  const { name, variants, noise, seed, subset, learning_rate: rates, keep } = plan;
  const base = recipe.safeParse(withValue(draft, "name", undefined));
  if (!base.success) return undefined;
  const found = sweepSpec.safeParse({
    name: name.trim() || "sweep",
    recipe: base.data,
    axes: {
      ...(variants.length > 0 && { variants: variants.map(variantRecipe) }),
      ...(noise.length > 0 && { noise }),
      ...(seed.length > 0 && { seed }),
      ...(subset.length > 0 && { subset }),
      ...(rates.length > 0 && { learning_rate: rates }),
    },
    keep,
    tasks: rolesOf(plan, config),
  });
  return found.success ? found.data : undefined;
}

function variantRecipe(variant: string) {
  return variant === "full"
    ? { method: "full" as const }
    : { method: "lora" as const, lora: { rank: Number(variant) } };
}

export const axisNames: Record<AxisName, string> = {
  variants: "Method, rank",
  noise: "Label noise",
  seed: "Seeds",
  subset: "Examples",
  learning_rate: "Learning rate",
};

export const axisHints: Record<AxisName, string> = {
  variants: "full, or ranks: 1, 4, 16",
  noise: "percent: 0, 10, 20",
  seed: "1, 2",
  subset: "100, 200, 400",
  learning_rate: "2e-4, 1e-3",
};

/** Values that were typed for an axis, with commas; undefined where one is none. */
export function typedValues(axis: AxisName, text: string): (string | number)[] | undefined {
  const words = text.split(/[,;\s]+/).filter(Boolean);
  const values = words.map((word) => typedValue(axis, word));
  return values.every((value) => value !== undefined) ? values : undefined;
}

function typedValue(axis: AxisName, word: string): string | number | undefined {
  if (axis === "variants" && /^(?:full|fft)$/i.test(word)) return "full";
  const number = Number(word.replace(/^r/i, "").replace("−", "-").replace(/%$/, ""));
  return Number.isFinite(number) ? numberFor[axis](number) : undefined;
}

const wholeFrom = (least: number) => (value: number) => (Number.isInteger(value) && value >= least ? value : undefined);

const numberFor: Record<AxisName, (value: number) => string | number | undefined> = {
  variants: (value) => wholeFrom(1)(value)?.toString(),
  noise: (value) => (value >= 0 && value <= 100 ? value / 100 : undefined),
  seed: wholeFrom(0),
  subset: wholeFrom(1),
  learning_rate: (value) => (value > 0 ? value : undefined),
};

/** The plan with more values on an axis, each once: methods in the order given, numbers rising. */
export function withValues(plan: Planned, axis: AxisName, values: readonly (string | number)[]): Planned {
  const all = [...new Set<string | number>([...plan[axis], ...values])].slice(0, mostValues);
  if (axis === "variants") all.sort((a, b) => rankOf(a) - rankOf(b));
  else all.sort((a, b) => Number(a) - Number(b));
  return { ...plan, [axis]: all };
}

export function withoutValue(plan: Planned, axis: AxisName, value: string | number): Planned {
  return { ...plan, [axis]: (plan[axis] as (string | number)[]).filter((other) => other !== value) };
}

/** Full fine-tuning stands first. */
function rankOf(variant: string | number): number {
  return variant === "full" ? 0 : Number(variant);
}
