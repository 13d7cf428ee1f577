/** The paths that a recipe names, counted from its own folder. */
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { isDatasetAddress, isHubAddress, parseDataset, parseHubId } from "../../../contract/hub-id.ts";
import { isDataFile } from "../../source/dataset-files.ts";
import { hasDataset } from "../../source/hub-cache.ts";
import { isObject, type JsonObject, own } from "../../source/read-json.ts";
import { valueAt, withValueAt } from "./fields.ts";

/** Relative paths of the base, the data and the tasks become absolute; ids of the Hub stay, and what is no text. */
export function withAbsolutePaths(values: JsonObject, folder: string): JsonObject {
  const place = (value: unknown): unknown => (typeof value === "string" ? absolute(value, folder) : value);
  let placed = values;
  const base = valueAt(values, "base.path");
  if (typeof base === "string") placed = withValueAt(placed, "base.path", placeBase(base, folder));
  const files = valueAt(values, "data.files");
  if (Array.isArray(files)) placed = withValueAt(placed, "data.files", files.map(placeFile(folder)));
  const tasks = valueAt(values, "eval.tasks");
  if (Array.isArray(tasks)) placed = withValueAt(placed, "eval.tasks", tasks.map(place));
  return placed;
}

function placeFile(folder: string): (file: unknown) => unknown {
  return (file) => {
    const path = isObject(file) ? own(file, "path") : undefined;
    return isObject(file) && typeof path === "string" ? { ...file, path: placeData(path, folder) } : file;
  };
}

/** As a base: a file that exists goes first, then an id of the Hub; what ends like a file of rows is one. */
function placeData(path: string, folder: string): string {
  const place = absolute(path, folder);
  const id = parseDataset(path);
  if (isDatasetAddress(path) || id === undefined) return isDatasetAddress(path) ? path : place;
  const isId = hasDataset(id.repository) || !isDataFile(path);
  return isId && !existsSync(place) ? path : place;
}

export function absolute(path: string, folder: string): string {
  if (path === "" || isAbsolute(path)) return path;
  return path.startsWith("~/") ? join(homedir(), path.slice(2)) : resolve(folder, path);
}

/** `owner/name` may be a folder or an id of the Hub; a folder that exists goes first, as everywhere. */
function placeBase(base: string, folder: string): string {
  const path = absolute(base, folder);
  const isId = isHubAddress(base) || parseHubId(base) !== undefined;
  return isId && !existsSync(path) ? base : path;
}
