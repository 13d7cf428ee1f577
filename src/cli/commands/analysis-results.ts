/** What becomes of an analysis document: printed, written to files, judged. */
import type { AnalysisDocument } from "../../contract/domain/analysis.ts";
import { documentText } from "../../contract/json.ts";
import { shortText, visibleText } from "../../contract/text.ts";
import type { CliContext, EngineClient } from "../context.ts";
import { errorDocumentOf, errorLines } from "../errors.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { analysisQuantities } from "../fail-on/fields.ts";
import { type Gate, judge } from "../fail-on/gate.ts";
import type { OutFile } from "../options/out.ts";
import { styleFor } from "../terminal/style.ts";
import { analysisText } from "../views/analysis.ts";

/** Width of tables where the output is not a terminal. */
const plainWidth = 100;

export async function printDocument(context: CliContext, document: AnalysisDocument, json: boolean): Promise<void> {
  const { stdout } = context;
  const text = json
    ? documentText(document)
    : analysisText(document, stdout.columns ?? plainWidth, styleFor(context, stdout));
  await stdout.write(text);
}

/** A file that cannot be written is said on standard error, where it spoils no document; the others are written. */
export async function exportFiles(
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

export function noModuleLine(label: string): string {
  return `${shortText(label)}: no module could be measured.\n`;
}

/** A gate that holds outweighs runs that could not be read: what was measured already says no. */
export async function conclude(
  context: CliContext,
  document: AnalysisDocument,
  gate: Gate | undefined,
): Promise<ExitCode> {
  for (const { label, error } of document.failures) await context.stderr.write(errorLines(error, label));
  const lost = document.runs.filter(({ totals }) => totals.modules > 0 && totals.failed === totals.modules);
  for (const { label } of lost) await context.stderr.write(noModuleLine(label));
  const verdict = gate === undefined ? "passed" : await judge(context, gate, analysisQuantities(document));
  if (verdict === "exceeded") return exitCodes.gateExceeded;
  const incomplete = verdict === "undecidable" || document.failures.length > 0 || lost.length > 0;
  return incomplete ? exitCodes.failed : exitCodes.done;
}
