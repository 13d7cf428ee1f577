/** The one way to tell whether a path stays inside a folder: everything that keeps files of others out rests on it. */
import { isAbsolute, relative, sep } from "node:path";

/** Whether `path` is `folder` or lies in it. Of absolute paths with their links resolved; nothing is looked up. */
export function isWithin(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
