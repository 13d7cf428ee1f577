/** Option lines that several verbs have, each for `command.option(...line)`. */
import { layerRange, openUnitInterval, pattern, wholeNumber } from "./numbers.ts";

const mostThreads = 1024;
const largestSeed = 2 ** 32 - 1;
const mostVectors = 256;

/** For options that may be repeated, or take several words. */
export function gather(value: string, previous: string[] = []): string[] {
  return [...previous, value];
}

export const baseOption = [
  "--base <folder>",
  "base checkpoint: folder, file or Hub id; an adapter may name it itself",
] as const;

/** Where no adapter can stand in for the base's name. */
export const requiredBaseOption = ["--base <folder>", "base checkpoint: folder, file or Hub id"] as const;

export const tunedOption = [
  "--tuned <[LABEL=]path...>",
  "fine-tuned checkpoint or adapter; several may follow, the option may be repeated",
  gather,
] as const;

export const modulesOption = ["--modules <regex>", "only modules whose name matches", pattern] as const;

export const layersOption = ["--layers <range>", "only these layers, such as 0-5 or 3", layerRange] as const;

export const kOption = [
  "--k <number>",
  "top singular vectors tested for intruders (default: 10)",
  wholeNumber("--k", 1, mostVectors),
] as const;

export const epsilonOption = [
  "--epsilon <number>",
  "an intruder's best cosine lies below this (default: 0.5)",
  openUnitInterval("--epsilon"),
] as const;

export const threadsOption = [
  "--threads <number>",
  "most threads to use (default: all cores)",
  wholeNumber("--threads", 1, mostThreads),
] as const;

/** @param what says whose seed it is */
export function seedOption(what: string) {
  return ["--seed <number>", `${what} (default: 0)`, wholeNumber("--seed", 0, largestSeed)] as const;
}

export const workspaceOption = [
  "--workspace <folder>",
  "where results are kept (default: $DELTASCOPE_WORKSPACE, or a folder of your account)",
] as const;

/** @param endings such as ".json, .csv or .html" */
export function outFilesOption(endings: string) {
  return ["--out <file>", `also write ${endings}; may be repeated`, gather] as const;
}

export const overwriteOption = ["--overwrite", "replace files named by --out"] as const;

/** @param example of an expression that speaks of the verb's fields */
export function failOnOption(example: string) {
  return ["--fail-on <expression>", `end with exit code 3 when it holds for a run, e.g. '${example}'`] as const;
}

/** @param document such as "the analysis document" */
export function jsonOption(document = "one JSON document") {
  return ["--json", `print ${document}, and nothing else, on standard output`] as const;
}

export const quietOption = ["--quiet", "no progress and notes on standard error"] as const;
