/** Where the data of a ready-made task lies on this machine; nothing is downloaded. */
import { basename, join } from "node:path";
import { DeltaScopeError } from "../../../contract/errors.ts";
import { listDatasetFiles } from "../../source/dataset-files.ts";
import { datasetSnapshots } from "../../source/hub-cache.ts";
import type { Definition } from "./definitions/definition.ts";

const formats = /\.(parquet|jsonl|csv)$/i;

/** The named file, else the one of the cache. Throws `task.data-missing` with the command that fetches it. */
export async function requireDataFile(definition: Definition, file: string): Promise<string> {
  const path = file === "" ? await findDataFile(definition) : file;
  if (path !== undefined) return path;
  const { key, repository, split, configuration } = definition;
  const part = configuration === undefined ? "" : `configuration ${configuration}, `;
  const message = `The data of ${key} is not on this machine: ${repository}, ${part}split ${split}. Fetch it with \`deltascope download hf://datasets/${repository}\`, or name its file.`;
  throw new DeltaScopeError("task.data-missing", message, repository);
}

/** Which of a data set's files hold the task's rows. */
export function filesOfTask(names: readonly string[], definition: Definition): string[] {
  return names.filter((name) => formats.test(name) && belongs(name, definition));
}

/** The file of the task's configuration and split in the Hugging Face cache; undefined where there is none. */
export async function findDataFile(definition: Definition): Promise<string | undefined> {
  for (const snapshot of await datasetSnapshots(definition.repository)) {
    const [name] = filesOfTask(await listDatasetFiles(snapshot), definition);
    if (name !== undefined) return join(snapshot.folder, name);
  }
  return undefined;
}

/** `data/validation-00000-of-00001.parquet`, `main/test.jsonl`, or `main/test/0000.parquet` as the Hub converts. */
function belongs(name: string, { configuration, split }: Definition): boolean {
  const folders = name.split(/[\\/]/);
  const file = folders.pop() ?? "";
  if (configuration !== undefined && !folders.includes(configuration)) return false;
  const stem = basename(file).replace(/[-.].*$/, "");
  return stem === split || folders.at(-1) === split;
}
