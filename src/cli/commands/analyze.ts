/** `deltascope analyze`: measures what training did to the weights and prints the comparison. */
import type { Command } from "commander";
import type { AnalysisDocument, AnalysisSpec } from "../../contract/domain/analysis.ts";
import { documentText } from "../../contract/json.ts";
import { shortText, visibleText } from "../../contract/text.ts";
import type { CliContext, EngineClient } from "../context.ts";
import { withEngine } from "../engine-session.ts";
import { errorDocumentOf, errorLines } from "../errors.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { analysisFields, analysisQuantities } from "../fail-on/fields.ts";
import { type Gate, judge, openGate } from "../fail-on/gate.ts";
import { withInterrupt } from "../interrupt.ts";
import { type OutFile, parseOut } from "../options/out.ts";
import { styleFor } from "../terminal/style.ts";
import { analysisText } from "../views/analysis.ts";
import {
  type AnalyzeOptions,
  addAnalysisOptions,
  addMeasureOptions,
  addOutputOptions,
  analysisSpecOf,
} from "./analyze-options.ts";
import { followAnalysis } from "./follow-analysis.ts";

/** Width of tables where the output is not a terminal. */
const plainWidth = 100;

const examples = `
Examples:
  $ deltascope analyze --base Qwen2.5-0.5B --tuned fft=out/full lora=out/lora-r16
  $ deltascope analyze --tuned out/lora-r16 --out report.html --fail-on 'intruders > 0 or relativeDelta > 5%'

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
    .action(async (options: AnalyzeOptions) => {
      const spec = analysisSpecOf(options, context.workingFolder);
      finish(await analyze(context, spec, options));
    });
}

/** Runs an analysis and everything asked of its document; also serves `demo`. */
export async function analyze(
  context: CliContext,
  spec: AnalysisSpec,
  options: Pick<AnalyzeOptions, "out" | "overwrite" | "failOn" | "json" | "quiet" | "workspace">,
): Promise<ExitCode> {
  const overwrite = options.overwrite ?? false;
  const outFiles = parseOut(options.out ?? [], context.workingFolder, overwrite);
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
    const analysis = await followAnalysis(context, client, spec, { quiet, signal });
    return { document: await client.analysis.document({ analysis }), analysis };
  });
}

export async function printDocument(context: CliContext, document: AnalysisDocument, json: boolean): Promise<void> {
  const { stdout } = context;
  const text = json
    ? documentText(document)
    : analysisText(document, stdout.columns ?? plainWidth, styleFor(context, stdout));
  await stdout.write(text);
}

/** A file that cannot be written is said on standard error, where it spoils no document; the others are written. */
async function exportFiles(
  context: CliContext,
  client: EngineClient,
  analysis: string,
  files: readonly OutFile[],
  { overwrite, quiet }: { overwrite: boolean; quiet: boolean },
): Promise<boolean> {
  let complete = true;
  for (const { file, format } of files) {
    try {
      await client.analysis.export({ analysis, format, file, overwrite });
      if (!quiet) await context.stderr.write(`Wrote ${visibleText(file)}\n`);
    } catch (thrown) {
      complete = false;
      await context.stderr.write(errorLines(errorDocumentOf(thrown)));
    }
  }
  return complete;
}

/** A gate that holds outweighs runs that could not be read: what was measured already says no. */
async function conclude(context: CliContext, document: AnalysisDocument, gate: Gate | undefined): Promise<ExitCode> {
  for (const { label, error } of document.failures) await context.stderr.write(errorLines(error, label));
  const lost = document.runs.filter(({ totals }) => totals.modules > 0 && totals.failed === totals.modules);
  for (const { label } of lost) await context.stderr.write(`${shortText(label)}: no module could be measured.\n`);
  const verdict = gate === undefined ? "passed" : await judge(context, gate, analysisQuantities(document));
  if (verdict === "exceeded") return exitCodes.gateExceeded;
  const incomplete = verdict === "undecidable" || document.failures.length > 0 || lost.length > 0;
  return incomplete ? exitCodes.failed : exitCodes.done;
}
