/** The runs of a sweep that is asked for, refused where one of them could not be trained or compared. */
import {
  type NewSweep,
  type RunConfig,
  runConfig,
  type SweepSpec,
  trainingMethod,
} from "../../../contract/domain/training.ts";
import { DeltaScopeError } from "../../../contract/errors.ts";
import { quote } from "../../source/quote.ts";
import { checkValues } from "../recipes/check-values.ts";
import { nearestName } from "../recipes/fields.ts";
import type { Permit } from "../runs/begin.ts";
import type { TrainingServices } from "../runs/services.ts";
import { type Cell, cellsOfVariants, ruleFields, type Variant, variantsOf } from "./expand.ts";

/** @throws DeltaScopeError `recipe.invalid` naming the fields */
export async function newCells(
  question: Pick<NewSweep, "sweep" | "folder">,
  services: Pick<TrainingServices, "resolve">,
  permit?: Permit,
): Promise<Cell[]> {
  const { sweep } = question;
  const variants = await variantsOf(question, services, permit);
  refuse([...seedProblems(sweep), ...unusedRates(sweep), ...rateNames(sweep, variants), ...ruleNames(sweep, variants)]);
  const cells = cellsOfVariants(sweep, variants);
  refuse([...valueProblems(cells), ...rateProblems(cells)]);
  return cells;
}

function refuse(problems: readonly string[]): void {
  if (problems.length > 0) throw new DeltaScopeError("recipe.invalid", problems.join(" "));
}

/** As of a recipe: the trainer draws from no negative one. */
function seedProblems({ axes: { seed = [] } }: SweepSpec): string[] {
  const unfit = seed.filter((one) => !runConfig.shape.seed.safeParse(one).success);
  return unfit.map((one) => `axes.seed: ${one} is no seed; it is 0 or more.`);
}

/** Rates of an axis hold for every variant. */
function unusedRates({ rates, axes: { learning_rate: scanned } }: SweepSpec): string[] {
  if (rates === undefined || scanned === undefined) return [];
  return ["rates: They would not be used, since axes.learning_rate holds for every variant: leave one of them out."];
}

/** Rates are named by variant, or by method for several variants at once. */
function rateNames({ rates = {} }: SweepSpec, variants: readonly Variant[]): string[] {
  const known = [...variants.map(({ label }) => label), ...trainingMethod.options];
  return Object.keys(rates).flatMap((name) => unknownName("rates", name, known));
}

function ruleNames({ exclude }: SweepSpec, variants: readonly Variant[]): string[] {
  const labels = variants.map(({ label }) => label);
  return exclude.flatMap((rule, index) =>
    Object.entries(rule).flatMap(([key, value]) => {
      const field = `exclude.${index}`;
      if (key === "variant") return unknownName(`${field}.variant`, String(value), labels);
      if (key === "method") return unknownName(`${field}.method`, String(value), trainingMethod.options);
      return unknownName(field, key, ruleFields);
    }),
  );
}

function unknownName(field: string, name: string, known: readonly string[]): string[] {
  if (known.includes(name)) return [];
  const near = nearestName(name, known);
  const hint = near === undefined ? `There are ${[...new Set(known)].join(", ")}.` : `Did you mean ${near}?`;
  return [`${field}: ${quote(name)} is not known here. ${hint}`];
}

/** Values of axes, which no recipe held when it was read. Each sentence once, with the first run it is about. */
function valueProblems(cells: readonly Cell[]): string[] {
  const first = new Map<string, string>();
  for (const { config } of cells) {
    for (const { field, message, level } of checkValues(config)) {
      const sentence = `${field}: ${message}`;
      if (level === "error" && !first.has(sentence)) first.set(sentence, config.name);
    }
  }
  return [...first].map(([sentence, name]) => `${name}: ${sentence}`);
}

/** Which of several rates is the best is known by the loss on held-out rows only. */
function rateProblems(cells: readonly Cell[]): string[] {
  return [...Map.groupBy(cells, ({ variant }) => variant)].flatMap(([variant, own]) => {
    const several = new Set(own.map(({ learningRate }) => learningRate)).size > 1;
    const missing = new Set(own.flatMap(({ config }) => missingForLoss(config)));
    if (!several || missing.size === 0) return [];
    return [`axes.learning_rate: Held-out rows tell the best rate of ${variant}: set ${[...missing].join(" and ")}.`];
  });
}

function missingForLoss({ data, eval: { every } }: RunConfig): string[] {
  const holdsOut = data.validation > 0 || data.files.some(({ split }) => split === "validation");
  return [...(every === null ? ["eval.every"] : []), ...(holdsOut ? [] : ["data.validation"])];
}
