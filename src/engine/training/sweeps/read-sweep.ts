/** A sweep from its YAML file. */
import { readFile, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { type NewSweep, sweepSpec } from "../../../contract/domain/training.ts";
import { DeltaScopeError } from "../../../contract/errors.ts";
import { fileError } from "../../source/file-errors.ts";
import { quote } from "../../source/quote.ts";
import { lineOf } from "../recipes/form.ts";
import { longestRecipe, parseRecipe } from "../recipes/read-recipe.ts";

/** @throws DeltaScopeError `recipe.invalid` with lines and fields, `source.not-found`, `source.unreadable` */
export async function readSweep(asked: string): Promise<NewSweep> {
  const file = resolve(asked);
  const { values, lines } = parseRecipe(await readText(file), file);
  const parsed = sweepSpec.safeParse(values);
  if (parsed.success) return { sweep: parsed.data, folder: dirname(file) };
  const faults = parsed.error.issues.map((issue) => {
    const field = issue.path.map(String).join(".");
    const line = lineOf(field, lines);
    return `${line === null ? "" : `line ${line}: `}${field === "" ? "" : `${field}: `}${issue.message}`;
  });
  throw new DeltaScopeError("recipe.invalid", `${quote(file)}: ${faults.join("; ")}.`, file);
}

async function readText(file: string): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size <= longestRecipe) return await readFile(file, "utf8");
  } catch (thrown) {
    throw fileError(thrown, file);
  }
  throw new DeltaScopeError("recipe.invalid", `${quote(file)} has more than ${longestRecipe} bytes.`, file);
}
