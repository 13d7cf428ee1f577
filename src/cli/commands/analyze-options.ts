/** The options of `analyze` as commander reads them, and the question they make. */

import type { Command } from "commander";
import { type AnalysisSpec, analysisSettings, side } from "../../contract/domain/analysis.ts";
import type { Shard } from "../../contract/domain/part.ts";
import {
  baseOption,
  epsilonOption,
  failOnOption,
  jsonOption,
  kOption,
  layersOption,
  modulesOption,
  outFilesOption,
  overwriteOption,
  quietOption,
  seedOption,
  threadsOption,
  tunedOption,
  workspaceOption,
} from "../options/lines.ts";
import { memorySize, usageError } from "../options/numbers.ts";
import { place } from "../options/place.ts";
import { parseShard } from "../options/shard.ts";
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
  shard?: Shard;
  threads?: number;
  memory?: number;
  workspace?: string;
  out?: string[];
  overwrite?: boolean;
  failOn?: string;
  json?: boolean;
  quiet?: boolean;
}

export function addAnalysisOptions(command: Command): Command {
  return command
    .option(...baseOption)
    .option(...tunedOption)
    .option(...modulesOption)
    .option(...layersOption)
    .option("--embeddings", "count embeddings and head in the totals");
}

export function addMeasureOptions(command: Command): Command {
  return command
    .option(...kOption)
    .option(...epsilonOption)
    .option("--side <left|right|both>", "singular vectors tested (default: left)", sideName)
    .option("--quick", "sizes and spectra of ΔW only, no intruders")
    .option("--exact", "decide every module by a full decomposition")
    .option("--as-merged", "round W to the storage type first, as a merged checkpoint would be")
    .option(...seedOption("start of the random numbers"))
    .option(...threadsOption)
    .option("--memory <amount>", "most memory beside the mapped files, such as 2GB", memorySize)
    .option(
      "--shard <i/n>",
      "only the i-th of n parts of the work, written to the folder that --out names, for `collect`",
      parseShard,
    );
}

export function addOutputOptions(command: Command): Command {
  return command
    .option(...workspaceOption)
    .option(...outFilesOption(".json, .csv, .parquet or .html"))
    .option(...overwriteOption)
    .option(...failOnOption("intruders > 0"))
    .option(...jsonOption("the analysis document"))
    .option(...quietOption);
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
