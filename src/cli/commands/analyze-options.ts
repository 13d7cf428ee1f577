/** The options of `analyze` as commander reads them, and the question they make. */

import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import { type AnalysisSpec, analysisSettings, side } from "../../contract/domain/analysis.ts";
import { layerRange, memorySize, openUnitInterval, pattern, usageError, wholeNumber } from "../options/numbers.ts";
import { parseTuned } from "../options/tuned.ts";

export interface AnalyzeOptions {
  base?: string;
  tuned?: string[];
  k?: number;
  epsilon?: number;
  side?: string;
  modules?: string;
  layers?: { from: number; to: number };
  quick?: boolean;
  exact?: boolean;
  asMerged?: boolean;
  embeddings?: boolean;
  seed?: number;
  threads?: number;
  memory?: number;
  workspace?: string;
  out?: string[];
  overwrite?: boolean;
  failOn?: string;
  json?: boolean;
  quiet?: boolean;
}

const mostThreads = 1024;
const largestSeed = 2 ** 32 - 1;

function gather(value: string, previous: string[] = []): string[] {
  return [...previous, value];
}

export function addAnalysisOptions(command: Command): Command {
  return command
    .option(
      "--base <folder>",
      "base checkpoint: folder, file or Hub id in the local cache; an adapter may name it itself",
    )
    .option(
      "--tuned <[LABEL=]path...>",
      "fine-tuned checkpoint or adapter; several may follow, the option may be repeated",
      gather,
    )
    .option("--modules <regex>", "only modules whose name matches", pattern)
    .option("--layers <range>", "only these layers, such as 0-5 or 3", layerRange)
    .option("--embeddings", "count embeddings and head in the totals");
}

export function addMeasureOptions(command: Command): Command {
  return command
    .option("--k <number>", "top singular vectors tested for intruders (default: 10)", wholeNumber("--k", 1, 256))
    .option(
      "--epsilon <number>",
      "an intruder's best cosine lies below this (default: 0.5)",
      openUnitInterval("--epsilon"),
    )
    .option("--side <left|right|both>", "singular vectors tested (default: left)", sideName)
    .option("--quick", "sizes and spectra of ΔW only, no intruders")
    .option("--exact", "decide every module by a full decomposition")
    .option("--as-merged", "round W to the storage type first, as a merged checkpoint would be")
    .option("--seed <number>", "start of the random numbers (default: 0)", wholeNumber("--seed", 0, largestSeed))
    .option("--threads <number>", "most threads to use (default: all cores)", wholeNumber("--threads", 1, mostThreads))
    .option("--memory <amount>", "most memory beside the mapped files, such as 2GB", memorySize);
}

export function addOutputOptions(command: Command): Command {
  return command
    .option("--workspace <folder>", "where results are kept")
    .option("--out <file>", "also write .json, .csv, .parquet or .html; may be repeated", gather)
    .option("--overwrite", "replace files named by --out")
    .option("--fail-on <expression>", "end with exit code 3 when it holds for a run, e.g. 'intruders > 0'")
    .option("--json", "print the analysis document, and nothing else, on standard output")
    .option("--quiet", "no progress and notes on standard error");
}

function sideName(text: string): string {
  if (!side.safeParse(text).success) throw usageError(`--side must be left, right or both, not "${text}".`);
  return text;
}

/** @throws DeltaScopeError `usage.invalid` */
export function analysisSpecOf(options: AnalyzeOptions, workingFolder: string): AnalysisSpec {
  const asked = options.tuned ?? [];
  if (asked.length === 0) throw usageError("--tuned is missing: name at least one fine-tuned checkpoint or adapter.");
  if (options.quick && options.exact)
    throw usageError("--quick leaves the intruders out, so --exact has nothing to decide.");
  const tuned = parseTuned(asked).map(({ label, path }) => ({ label, path: place(path, workingFolder) }));
  return {
    ...(options.base === undefined ? {} : { base: place(options.base, workingFolder) }),
    tuned,
    settings: settingsOf(options),
    modules: options.modules,
    layers: options.layers,
    embeddings: options.embeddings ?? false,
    threads: options.threads,
    memoryBytes: options.memory,
  };
}

function settingsOf(options: AnalyzeOptions): AnalysisSpec["settings"] {
  const { k, epsilon, side: asked, quick, exact, asMerged, seed } = options;
  return analysisSettings.parse({ k, epsilon, side: asked, quick, exact, asMerged, seed });
}

/** A path that exists becomes absolute; anything else may be a Hub id and stays as typed. */
export function place(text: string, workingFolder: string): string {
  const path = resolve(workingFolder, text);
  return existsSync(path) || /^\.{0,2}[\\/]/.test(text) ? path : text;
}
