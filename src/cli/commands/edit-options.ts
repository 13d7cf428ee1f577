/** Options that every verb of editing has, and what they share in reading them. */
import { resolve } from "node:path";
import type { Command } from "commander";
import { editDtype } from "../../contract/domain/edit.ts";
import type { CliContext } from "../context.ts";
import { jsonOption, quietOption } from "../options/lines.ts";
import { usageError } from "../options/numbers.ts";
import { place } from "../options/place.ts";

export interface EditOptions {
  base?: string;
  out?: string;
  overwrite?: boolean;
  workspace?: string;
  json?: boolean;
  quiet?: boolean;
}

export function addEditOptions(command: Command): Command {
  return command
    .option("--out <folder>", "folder to write; it appears whole or not at all")
    .option("--overwrite", "replace the folder when it holds a model or an adapter already")
    .option("--workspace <folder>", "where analyses are looked up")
    .option(...jsonOption("the edit document"))
    .option(...quietOption);
}

/** What goes into the spec of any edit. @throws DeltaScopeError `usage.invalid` */
export function outputOf({ out, overwrite }: EditOptions, { workingFolder }: CliContext) {
  if (out === undefined || out === "") throw usageError("--out is missing: name the folder to write.");
  return { out: resolve(workingFolder, out), overwrite: overwrite ?? false };
}

/** @throws DeltaScopeError `usage.invalid` where it was left out */
export function required(option: string, value: string | undefined, { workingFolder }: CliContext): string {
  if (value === undefined || value === "") throw usageError(`${option} is missing.`);
  return place(value, workingFolder);
}

export function optionalPlace(value: string | undefined, { workingFolder }: CliContext): { base?: string } {
  return value === undefined ? {} : { base: place(value, workingFolder) };
}

const types = editDtype.options;

export const dtypeOption = [
  "--dtype <type>",
  `element type of a full checkpoint (default: source): ${types.join(", ")}`,
  (text: string) => {
    const found = types.find((type) => type.toLowerCase() === text.toLowerCase());
    if (found) return found;
    throw usageError(`--dtype must be one of ${types.join(", ")}, not "${text}".`);
  },
] as const;

/** A number from `least` to `most`, both included. */
export function numberWithin(option: string, least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === "" || !(value >= least && value <= most)) {
      throw usageError(`${option} must be a number from ${least} to ${most}, not "${text}".`);
    }
    return value;
  };
}
