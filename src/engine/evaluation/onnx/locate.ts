/**
 * Where ONNX Runtime finds the weights. It resolves a location inside one folder and refuses what leaves that folder
 * once links are followed, so the folder is the common ancestor of the real files (a Hub cache holds links only).
 */
import { realpathSync } from "node:fs";
import { dirname, relative, sep } from "node:path";
import { DeltaScopeError } from "../../../contract/errors.ts";
import { isWithin } from "../../source/within.ts";

export interface Located {
  folder: string;
  /** The file's path below `folder`, with `/` between parts. */
  location(file: string): string;
}

/** Throws `evaluation.unsupported` for files on different drives. */
export function locateFiles(files: readonly string[]): Located {
  const real = new Map([...new Set(files)].map((file) => [file, realpathSync(file)]));
  const folder = [...real.values()].map(dirname).reduce(commonAncestor);
  return {
    folder,
    location: (file) =>
      relative(folder, real.get(file) ?? file)
        .split(sep)
        .join("/"),
  };
}

function commonAncestor(first: string, second: string): string {
  for (let folder = first; ; folder = dirname(folder)) {
    if (isWithin(second, folder)) return folder;
    if (folder !== dirname(folder)) continue;
    const message = `The shards lie on different drives (${first} and ${second}); copy them to one.`;
    throw new DeltaScopeError("evaluation.unsupported", message, first);
  }
}
