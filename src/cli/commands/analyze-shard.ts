/** `deltascope analyze --shard i/n`: a part of the work, written as a folder that `collect` takes. */
import type { AnalysisSpec } from "../../contract/domain/analysis.ts";
import type { PartManifest, Shard } from "../../contract/domain/part.ts";
import { formatNumberOf, formatSeconds } from "../../contract/format.ts";
import { documentText } from "../../contract/json.ts";
import { visibleText } from "../../contract/text.ts";
import type { CliContext } from "../context.ts";
import { withEngine } from "../engine-session.ts";
import type { ExitCode } from "../exit-codes.ts";
import { withInterrupt } from "../interrupt.ts";
import { usageError } from "../options/numbers.ts";
import { partPlaces } from "../options/shard.ts";
import { conclude } from "./analysis-results.ts";
import type { AnalyzeOptions } from "./analyze-options.ts";
import { withBroughtModels } from "./bring-sources.ts";
import { followAnalysis } from "./follow-analysis.ts";

type Options = Pick<AnalyzeOptions, "out" | "overwrite" | "failOn" | "json" | "quiet" | "workspace">;

export async function analyzeShard(
  context: CliContext,
  spec: AnalysisSpec,
  shard: Shard,
  options: Options,
): Promise<ExitCode> {
  if (options.failOn !== undefined) {
    throw usageError("--fail-on judges whole runs; collect the parts first, then ask `analyze` again.");
  }
  const { folder, workspace } = partPlaces(options, context.workingFolder);
  const { overwrite = false, quiet = false } = options;
  return withEngine(context, { workspace }, async (client) => {
    const { analysis, part } = await withInterrupt(context, async (signal) => {
      const brought = await withBroughtModels(context, client, spec, { quiet, signal });
      const start = () => client.analysis.shard({ spec: brought, shard, folder, overwrite }, { signal });
      return followAnalysis(context, start, { quiet, signal });
    });
    if (part) await context.stdout.write(options.json ? documentText(part) : partText(folder, part));
    return conclude(context, await client.analysis.document({ analysis }), undefined);
  });
}

function partText(folder: string, { shard, runs, files, seconds }: PartManifest): string {
  const all = runs.reduce((sum, { modules }) => sum + modules.length, 0);
  const what = `shard ${shard.index} of ${shard.count}, ${files.modules.rows} of ${formatNumberOf(all, "module")}`;
  return `Wrote ${visibleText(folder)}: ${what}, ${formatSeconds(seconds)}.\n`;
}
