/** `--task` and `--retain`: files of items, or ready-made tasks with the file of their data, each under a name. */
import type { TaskSpec } from "../../contract/domain/evaluation.ts";
import { usageError } from "./numbers.ts";

const longestName = 80;

/** `[NAME=]FILE` or `[NAME=]DEFINITION:FILE`; drive letters are no definitions. */
const definitionPart = /^([A-Za-z][\w-]+):(.+)$/s;

/**
 * @param place makes a path absolute
 * @throws DeltaScopeError `usage.invalid` for empty parts and for a name that is given twice
 */
export function parseTasks(
  asked: { value: string; role: TaskSpec["role"] }[],
  place: (path: string) => string,
): TaskSpec[] {
  const taken = new Set<string>();
  return asked.map(({ value, role }) => {
    const { name, definition, file } = splitTask(value);
    const wanted = name ?? definition ?? nameOf(file);
    if (name !== undefined && taken.has(name)) throw usageError(`A task named "${name}" is given twice.`);
    const free = freeName(wanted.slice(0, longestName), taken);
    return { name: free, file: place(file), role, ...(definition === undefined ? {} : { definition }) };
  });
}

function splitTask(value: string): { name: string | undefined; definition: string | undefined; file: string } {
  const equals = value.indexOf("=");
  const before = equals < 0 ? "" : value.slice(0, equals);
  const named = equals >= 0 && !/[\\/]/.test(before);
  const rest = named ? value.slice(equals + 1) : value;
  if (rest === "" || (named && before.trim() === "")) throw usageError(`"${value}" must read [NAME=]FILE.jsonl.`);
  const [, definition, data] = definitionPart.exec(rest) ?? [];
  const name = named ? before.trim() : undefined;
  return definition !== undefined && data !== undefined && !/[\\/]/.test(definition)
    ? { name, definition, file: data }
    : { name, definition: undefined, file: rest };
}

/** The file without its folder and ending. */
function nameOf(file: string): string {
  const last = file.split(/[\\/]/).at(-1) ?? file;
  return last.replace(/\.[A-Za-z0-9]{1,8}$/, "") || "task";
}

function freeName(wanted: string, taken: Set<string>): string {
  let name = wanted;
  for (let number = 2; taken.has(name); number += 1) name = `${wanted}-${number}`;
  taken.add(name);
  return name;
}
