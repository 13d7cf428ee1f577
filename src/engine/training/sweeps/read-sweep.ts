/** A sweep from its YAML file. */
import { dirname, resolve } from "node:path";
import { type NewSweep, sweepSpec } from "../../../contract/domain/training.ts";
import { DeltaScopeError } from "../../../contract/errors.ts";
import { quote } from "../../source/quote.ts";
import { nearestField, nearestName } from "../recipes/fields.ts";
import { type FormNames, faultsOf, problemsOf } from "../recipes/form.ts";
import { readRecipeFile } from "../recipes/read-recipe.ts";

const ownFields = [...Object.keys(sweepSpec.shape), ...Object.keys(sweepSpec.shape.axes.shape)];

/** Fields of the recipes in it are those of recipes. */
const ofSweep: FormNames = {
  what: "a sweep",
  nearest(field) {
    const isOfRecipe = field.startsWith("recipe.") || field.startsWith("axes.variants.");
    return isOfRecipe ? nearestField(field) : nearestName(field.slice(field.lastIndexOf(".") + 1), ownFields);
  },
};

/** @throws DeltaScopeError `recipe.invalid` with lines and fields, `source.not-found`, `source.unreadable` */
export async function readSweep(asked: string): Promise<NewSweep> {
  const file = resolve(asked);
  const { values, lines } = await readRecipeFile(file);
  const parsed = sweepSpec.safeParse(values);
  if (parsed.success) return { sweep: parsed.data, folder: dirname(file) };
  const faults = faultsOf(problemsOf(parsed.error, { values, lines }, ofSweep));
  const sentences = faults.map(
    ({ field, message, line }) =>
      `${line === null ? "" : `line ${line}: `}${field === "" ? "" : `${field}: `}${message}`,
  );
  throw new DeltaScopeError("recipe.invalid", `${quote(file)}: ${sentences.join(" ")}`, file, { faults });
}
