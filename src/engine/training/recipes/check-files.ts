/** Whether the files that a recipe names are there, and whether its folder is free. */
import { readdir, stat } from "node:fs/promises";
import { extname, join } from "node:path";
import { type RunConfig, runConfig } from "../../../contract/domain/training.ts";
import { DeltaScopeError } from "../../../contract/errors.ts";
import { quote } from "../../source/quote.ts";
import { readRegular } from "../../source/regular-file.ts";
import { error, type Problem, warning } from "./check-base.ts";
import { longestRecipe } from "./read-recipe.ts";

const jsonLines = [".jsonl", ".json", ".ndjson"];
const published = [".parquet", ".pq", ...jsonLines];

/** File name ends by format; a name that says otherwise is only a hint. */
export const endings: Readonly<Record<RunConfig["data"]["files"][number]["format"], readonly string[]>> = {
  ...{ alpaca: jsonLines, chat: jsonLines, pairs: jsonLines, choice: jsonLines },
  ...{ csv: [".csv"], tsv: [".tsv", ".tab"], parquet: [".parquet", ".pq"] },
  ...{ boolq: published, commonsense_qa: published, pubmedqa: published },
};

export async function checkFiles({ data, eval: evaluation }: RunConfig): Promise<Problem[]> {
  const files = data.files.map(async ({ path, format }, index) => {
    const field = `data.files.${index}`;
    const problem = await fileProblem(`${field}.path`, path);
    if (problem !== undefined) return [problem];
    const ending = extname(path).toLowerCase();
    const fits = endings[format].includes(ending);
    return fits ? [] : [warning(`${field}.format`, `${quote(path)} does not look like ${format}.`)];
  });
  const tasks = evaluation.tasks.map(async (path, index) => (await fileProblem(`eval.tasks.${index}`, path)) ?? []);
  return (await Promise.all([...files, ...tasks])).flat();
}

async function fileProblem(field: string, path: string): Promise<Problem | undefined> {
  const facts = await stat(path).catch(() => undefined);
  if (facts === undefined) return error(field, `${quote(path)} does not exist.`);
  if (!facts.isFile()) return error(field, `${quote(path)} is not a file.`);
  return facts.size === 0 ? error(field, `${quote(path)} is empty.`) : undefined;
}

/** What every start of a run leaves in its folder, whatever became of it. */
const leftByRuns = ["run.json", "events.jsonl", "trainer.pid.json"];

/** Whether a run was started in the folder; `config.json` is all that one leaves whose Python could not be started. */
export async function isRunFolder(folder: string): Promise<boolean> {
  const names = await readdir(folder).catch((): string[] => []);
  if (names.some((name) => leftByRuns.includes(name))) return true;
  return names.includes("config.json") && isRunConfig(join(folder, "config.json"));
}

async function isRunConfig(file: string): Promise<boolean> {
  try {
    return runConfig.safeParse(JSON.parse(String(await readRegular(file, longestRecipe)))).success;
  } catch {
    return false; // what cannot be read is not ours
  }
}

/**
 * A folder that a new run may write into.
 * @throws DeltaScopeError `trainer.run-exists` where a run can be resumed in it, `output.in-use`
 */
export async function requireFreeFolder(folder: string): Promise<void> {
  const facts = await stat(folder).catch(() => undefined);
  if (facts === undefined) return;
  const shown = `The output folder ${quote(folder)}`;
  if (!facts.isDirectory()) throw new DeltaScopeError("output.in-use", `${shown} is a file.`, folder);
  const names = await readdir(folder).catch((): string[] => []);
  if (names.includes("final")) {
    throw new DeltaScopeError("output.in-use", `${shown} holds the result of a finished run.`, folder);
  }
  if (names.some((name) => /^checkpoint-\d+$/.test(name))) {
    throw new DeltaScopeError("trainer.run-exists", `${shown} holds a run with checkpoints.`, folder);
  }
  // A run writes its own config.json: in a model's folder it would take the place of the model's.
  if (names.every((name) => name.startsWith(".")) || (await isRunFolder(folder))) return;
  throw new DeltaScopeError("output.in-use", `${shown} holds files that are no run's.`, folder);
}
