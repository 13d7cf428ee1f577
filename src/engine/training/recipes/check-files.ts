/** Whether the files that a recipe names are there, and whether its folder is free. */
import { readdir, stat } from "node:fs/promises";
import { extname } from "node:path";
import type { RunConfig } from "../../../contract/domain/training.ts";
import { quote } from "../../source/quote.ts";
import { error, type Problem, warning } from "./check-base.ts";

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

/** Whether a run has left checkpoints or results in the folder, so that a new one must not start there. */
export async function isRunFolderInUse(folder: string): Promise<boolean> {
  const names = await readdir(folder).catch((): string[] => []);
  return names.some((name) => name === "final" || /^checkpoint-\d+$/.test(name));
}

/** Problems of the folder itself, which no field of a recipe names. */
export async function checkRunFolder(folder: string): Promise<Problem[]> {
  const facts = await stat(folder).catch(() => undefined);
  if (facts === undefined) return [];
  if (!facts.isDirectory()) return [error("", `The output folder ${quote(folder)} is a file.`)];
  if (!(await isRunFolderInUse(folder))) return [];
  const message = `The output folder ${quote(folder)} holds the checkpoints of another run: resume it, or choose another.`;
  return [error("", message)];
}
