/** `deltascope analyze`: measures what training did to the weights and prints the comparison. */
import type { Command } from "commander";
import { exportFormat } from "../../contract/api.ts";
import type { AnalysisDocument, AnalysisSpec } from "../../contract/domain/analysis.ts";
import type { CliContext, EngineClient } from "../context.ts";
import { withEngine } from "../engine-session.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { analysisFields } from "../fail-on/fields.ts";
import { openGate } from "../fail-on/gate.ts";
import { withInterrupt } from "../interrupt.ts";
import { parseOut } from "../options/out.ts";
import { conclude, exportFiles, printDocument } from "./analysis-results.ts";
import {
  type AnalyzeOptions,
  addAnalysisOptions,
  addMeasureOptions,
  addOutputOptions,
  analysisSpecOf,
} from "./analyze-options.ts";
import { analyzeShard } from "./analyze-shard.ts";
import { withBroughtModels } from "./bring-sources.ts";
import { followAnalysis } from "./follow-analysis.ts";

const examples = `
Examples:
  $ deltascope analyze --base Qwen2.5-0.5B --tuned fft=out/full lora=out/lora-r16
  $ deltascope analyze --tuned out/lora-r16 --out report.html --fail-on 'intruders > 0 or relativeDelta > 5%'
  $ deltascope analyze --base B --tuned T --shard 2/8 --out parts/2   # then: deltascope collect parts/*

Fields of --fail-on, for each run: intruders, undecided, modulesWithIntruders, deltaFrobenius, relativeDelta,
intruderEnergy, meanEffectiveRank, modules, failed, alerts, errors; largest over its modules: module.intruders,
module.undecided, module.relative, module.frobenius, module.spectral, module.pressure, module.intruderEnergy,
module.effectiveRank, module.energy90. "LABEL:field" looks at one run only. Join with and, or, parentheses.`;

export function addAnalyze(program: Command, context: CliContext, finish: (code: ExitCode) => void): void {
  const command = program
    .command("analyze")
    .summary("what a fine-tune did to the weights: spectra of ΔW, effective ranks, intruder dimensions")
    .description("Compares fine-tuned checkpoints and adapters with their base, module by module.");
  addOutputOptions(addMeasureOptions(addAnalysisOptions(command)))
    .addHelpText("after", examples)
    .action(async ({ shard, ...options }: AnalyzeOptions) => {
      const spec = analysisSpecOf(options, context.workingFolder);
      finish(
        await (shard === undefined ? analyze(context, spec, options) : analyzeShard(context, spec, shard, options)),
      );
    });
}

/** Runs an analysis and everything asked of its document; also serves `demo`. */
export async function analyze(
  context: CliContext,
  spec: AnalysisSpec,
  options: Pick<AnalyzeOptions, "out" | "overwrite" | "failOn" | "json" | "quiet" | "workspace">,
): Promise<ExitCode> {
  const overwrite = options.overwrite ?? false;
  const outFiles = parseOut(options.out ?? [], {
    workingFolder: context.workingFolder,
    overwrite,
    formats: exportFormat.options,
  });
  const labels = spec.tuned.map(({ label }) => label);
  const gate = await openGate(context, options.failOn, { labels, fields: analysisFields });
  return withEngine(context, { workspace: options.workspace }, async (client) => {
    const { document, analysis } = await measure(context, client, spec, options.quiet ?? false);
    await printDocument(context, document, options.json ?? false);
    const written = await exportFiles(context, client, analysis, outFiles, {
      overwrite,
      quiet: options.quiet ?? false,
    });
    const code = await conclude(context, document, gate);
    return written || code !== exitCodes.done ? code : exitCodes.failed;
  });
}

async function measure(
  context: CliContext,
  client: EngineClient,
  spec: AnalysisSpec,
  quiet: boolean,
): Promise<{ document: AnalysisDocument; analysis: string }> {
  return withInterrupt(context, async (signal) => {
    const brought = await withBroughtModels(context, client, spec, { quiet, signal });
    const start = () => client.analysis.run(brought, { signal });
    const { analysis } = await followAnalysis(context, start, { quiet, signal });
    return { document: await client.analysis.document({ analysis }), analysis };
  });
}
