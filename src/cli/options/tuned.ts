/** `--tuned [LABEL=]PATH`: what to compare with the base, each under a label of its own. */
import { usageError } from "./numbers.ts";

export interface TunedArgument {
  label: string;
  path: string;
}

const longestLabel = 80;

/** @throws DeltaScopeError `usage.invalid` for empty parts and for a label that is given twice. */
export function parseTuned(values: readonly string[]): TunedArgument[] {
  const parsed = values.map(splitLabel);
  const taken = new Set<string>();
  for (const { label } of parsed) {
    if (label === undefined) continue;
    if (taken.has(label)) throw usageError(`--tuned: the label "${label}" is given twice.`);
    taken.add(label);
  }
  return parsed.map(({ label, path }) => ({ label: label ?? freeLabel(folderName(path), taken), path }));
}

/** The first `=` ends a label unless a path begins before it. */
function splitLabel(value: string): { label: string | undefined; path: string } {
  const equals = value.indexOf("=");
  const before = equals < 0 ? "" : value.slice(0, equals);
  if (equals < 0 || before.includes("/") || before.includes("\\")) {
    if (value === "") throw usageError("--tuned needs a folder or file.");
    return { label: undefined, path: value };
  }
  const path = value.slice(equals + 1);
  if (before.trim() === "" || path === "") throw usageError(`--tuned "${value}" must read LABEL=PATH.`);
  if (before.length > longestLabel) throw usageError(`--tuned: a label has at most ${longestLabel} characters.`);
  return { label: before.trim(), path };
}

/** Last part of a path that says something: the folder, or the file without its ending. */
function folderName(path: string): string {
  const parts = path.split(/[\\/]/).filter((part) => part !== "" && part !== "." && part !== "..");
  const last = (parts.at(-1) ?? "run").replace(/\.safetensors$/, "");
  return last.slice(0, longestLabel) || "run";
}

function freeLabel(wanted: string, taken: Set<string>): string {
  let label = wanted;
  for (let number = 2; taken.has(label); number += 1) label = `${wanted}-${number}`;
  taken.add(label);
  return label;
}
