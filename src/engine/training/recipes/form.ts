/** Whether a recipe has the form of one: its names and kinds of values, each fault beside its field and line. */
import type { z } from "zod";
import { type FieldProblem, recipeFile } from "../../../contract/domain/training.ts";
import { quote } from "../../source/quote.ts";
import { nearestField } from "./fields.ts";
import type { RawRecipe } from "./read-recipe.ts";

export function formProblems({ values, lines }: Pick<RawRecipe, "values" | "lines">): FieldProblem[] {
  const parsed = recipeFile.safeParse(values);
  return parsed.success ? [] : problemsOf(parsed.error, lines);
}

/** The issues of a schema as problems of fields. */
export function problemsOf(error: z.ZodError, lines: ReadonlyMap<string, number>): FieldProblem[] {
  return error.issues.flatMap((issue) => {
    const field = issue.path.map(String).join(".");
    if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownField(field, key, lines));
    return [{ field, message: messageOf(issue), level: "error" as const, line: lineOf(field, lines) }];
  });
}

function unknownField(above: string, key: string, lines: ReadonlyMap<string, number>): FieldProblem {
  const field = above === "" ? key : `${above}.${key}`;
  const meant = nearestField(field);
  const hint = meant === undefined ? "" : ` Did you mean ${meant}?`;
  return {
    field,
    message: `${quote(key)} is no field of a recipe.${hint}`,
    level: "error",
    line: lineOf(field, lines),
  };
}

/** Of a union, the alternative that came closest says more than "invalid input". */
function messageOf(issue: z.core.$ZodIssue): string {
  if (issue.code !== "invalid_union") return issue.message;
  const texts = issue.errors.flatMap((issues) => issues.slice(0, 1).map(({ message }) => message));
  return [...new Set(texts)].join("; or ") || issue.message;
}

/** The line of a field, or of the nearest one that encloses it. */
export function lineOf(field: string, lines: ReadonlyMap<string, number>): number | null {
  for (let place = field; place !== ""; place = place.slice(0, Math.max(0, place.lastIndexOf(".")))) {
    const line = lines.get(place);
    if (line !== undefined) return line;
  }
  return null;
}
