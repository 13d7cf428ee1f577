/** Whether a recipe has the form of one: its names and kinds of values, each fault beside its field and line. */
import type { z } from "zod";
import { type FieldProblem, recipeFile } from "../../../contract/domain/training.ts";
import type { FieldFault } from "../../../contract/errors.ts";
import { quote } from "../../source/quote.ts";
import type { JsonObject } from "../../source/read-json.ts";
import { faultWords } from "./fault-words.ts";
import { nearestField } from "./fields.ts";
import type { RawRecipe } from "./read-recipe.ts";

/** Unknown fields that are listed: each is compared with every known one, and nobody reads more. */
const UNKNOWN_SHOWN = 100;

export function formProblems({ values, lines }: Pick<RawRecipe, "values" | "lines">): FieldProblem[] {
  const parsed = recipeFile.safeParse(values);
  return parsed.success ? [] : problemsOf(parsed.error, { values, lines });
}

/** What a file with recipe-like fields calls itself, and its field that an unknown one was probably meant to be. */
export interface FormNames {
  what: string;
  nearest(field: string): string | undefined;
}

const ofRecipe: FormNames = { what: "a recipe", nearest: nearestField };

/** The issues of a schema as problems of fields. */
export function problemsOf(
  error: z.ZodError,
  { values, lines }: Pick<RawRecipe, "values" | "lines">,
  names = ofRecipe,
): FieldProblem[] {
  return error.issues.flatMap((issue) => {
    const field = issue.path.map(String).join(".");
    if (issue.code === "unrecognized_keys") {
      return issue.keys.slice(0, UNKNOWN_SHOWN).map((key) => unknownField(field, key, lines, names));
    }
    const message = faultWords(issue, valueIn(values, issue.path));
    return [{ field, message, level: "error" as const, line: lineOf(field, lines) }];
  });
}

/** The errors among them, as an error document holds them. */
export function faultsOf(problems: readonly FieldProblem[]): FieldFault[] {
  return problems
    .filter(({ level }) => level === "error")
    .map(({ field, message, line }) => ({ field, message, line }));
}

function valueIn(values: JsonObject, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => {
    const holds = typeof value === "object" && value !== null && Object.hasOwn(value, key);
    return holds ? (value as Record<PropertyKey, unknown>)[key] : undefined;
  }, values);
}

function unknownField(
  above: string,
  key: string,
  lines: ReadonlyMap<string, number>,
  { what, nearest }: FormNames,
): FieldProblem {
  const field = above === "" ? key : `${above}.${key}`;
  const meant = nearest(field);
  const hint = meant === undefined ? "" : ` Did you mean ${meant}?`;
  return {
    field,
    message: `${quote(key)} is no field of ${what}.${hint}`,
    level: "error",
    line: lineOf(field, lines),
  };
}

/** The line of a field, or of the nearest one that encloses it. */
export function lineOf(field: string, lines: ReadonlyMap<string, number>): number | null {
  for (let place = field; place !== ""; place = place.slice(0, Math.max(0, place.lastIndexOf(".")))) {
    const line = lines.get(place);
    if (line !== undefined) return line;
  }
  return null;
}
