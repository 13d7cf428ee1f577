/** Where the data of a ready-made task lies on this machine; nothing is downloaded. */
import { opendir, realpath } from "node:fs/promises";
import { basename, join } from "node:path";
import { DeltaScopeError } from "../../../contract/errors.ts";
import { datasetSnapshots } from "../../source/hub-cache.ts";
import { isInside } from "../../source/list-files.ts";
import type { Definition } from "./definitions/definition.ts";

/** Files of data sets with many configurations; MMLU has 60 with three each. */
const FILES_MAXIMUM = 5000;
const FORMAT = /\.(parquet|jsonl|csv)$/i;

/** The named file, else the one of the cache. Throws `task.data-missing` with the command that fetches it. */
export async function requireDataFile(definition: Definition, file: string): Promise<string> {
  const path = file === "" ? await findDataFile(definition) : file;
  if (path !== undefined) return path;
  const { key, repository, split, configuration } = definition;
  const part = configuration === undefined ? "" : `configuration ${configuration}, `;
  const message = `The data of ${key} is not on this machine: ${repository}, ${part}split ${split}. Fetch it with \`hf download --repo-type dataset ${repository}\`, or name its file.`;
  throw new DeltaScopeError("task.data-missing", message, repository);
}

/** The file of the task's configuration and split in the Hugging Face cache; undefined where there is none. */
export async function findDataFile(definition: Definition): Promise<string | undefined> {
  for (const snapshot of await datasetSnapshots(definition.repository)) {
    const names = await listData(snapshot.folder);
    for (const name of names.filter((each) => belongs(each, definition))) {
      const path = await realpath(join(snapshot.folder, name)).catch(() => undefined);
      if (path !== undefined && isInside(path, { root: snapshot.folder, also: snapshot.blobs }))
        return join(snapshot.folder, name);
    }
  }
  return undefined;
}

/** Names of data files, relative, Parquet first. */
async function listData(folder: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const entry of await opendir(folder, { recursive: true })) {
      if (names.length === FILES_MAXIMUM) break;
      if (!entry.isDirectory() && FORMAT.test(entry.name))
        names.push(join(entry.parentPath, entry.name).slice(folder.length + 1));
    }
  } catch {
    return [];
  }
  const rank = (name: string) => (name.toLowerCase().endsWith(".parquet") ? 0 : 1);
  return names.sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}

/** `data/validation-00000-of-00001.parquet`, `main/test.jsonl`, or `main/test/0000.parquet` as the Hub converts. */
function belongs(name: string, { configuration, split }: Definition): boolean {
  const folders = name.split(/[\\/]/);
  const file = folders.pop() ?? "";
  if (configuration !== undefined && !folders.includes(configuration)) return false;
  const stem = basename(file).replace(/[-.].*$/, "");
  return stem === split || folders.at(-1) === split;
}
