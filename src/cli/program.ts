/** The command line: one verb per file, and one place where failures become lines and exit codes. */
import { Command, CommanderError } from "commander";
import { programVersion } from "../contract/version.ts";
import { addAnalyze } from "./commands/analyze.ts";
import { addAudit } from "./commands/audit.ts";
import { addAverage } from "./commands/average.ts";
import { addCollect } from "./commands/collect.ts";
import { addCompare } from "./commands/compare.ts";
import { addDemo } from "./commands/demo.ts";
import { addDoctor } from "./commands/doctor.ts";
import { addDownload } from "./commands/download.ts";
import { addEval } from "./commands/eval.ts";
import { addExtractLora } from "./commands/extract-lora.ts";
import { addHub } from "./commands/hub/hub.ts";
import { addInspect } from "./commands/inspect.ts";
import { addIntervene } from "./commands/intervene.ts";
import { addMerge } from "./commands/merge.ts";
import { addServe } from "./commands/serve.ts";
import { addTheory } from "./commands/theory/theory.ts";
import { addRuns } from "./commands/training/runs.ts";
import { addSweep } from "./commands/training/sweep.ts";
import { addTrain } from "./commands/training/train.ts";
import type { CliContext } from "./context.ts";
import { errorDocumentOf, reportError } from "./errors.ts";
import { type ExitCode, exitCodeOf, exitCodes } from "./exit-codes.ts";

const footer = `
Every command has --help with examples. Results are kept in a workspace: --workspace FOLDER, else
$DELTASCOPE_WORKSPACE, else a folder of your account; what it holds is not computed again.

Ends with 0 when done, 1 when something failed, 2 for wrong usage, 3 when a gate of --fail-on was exceeded, 130 when
cancelled. With --json standard output holds one document, also for a failure: {"error": …}.

Example:
  $ deltascope demo`;

const verbs = [
  addInspect,
  addDownload,
  addHub,
  addAnalyze,
  addCollect,
  addCompare,
  addEval,
  addAudit,
  addIntervene,
  addExtractLora,
  addMerge,
  addAverage,
  addTrain,
  addSweep,
  addRuns,
  addDemo,
  addTheory,
  addServe,
  addDoctor,
];

/** Runs one command line (without node and script) to its end. Never throws. */
export async function runCommandLine(words: readonly string[], context: CliContext): Promise<ExitCode> {
  let exitCode: ExitCode = exitCodes.done;
  const texts: string[] = [];
  const program = createProgram(context, texts, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...words], { from: "user" }).finally(() => context.stdout.write(texts.join("")));
  } catch (thrown) {
    exitCode = await fail(thrown, words, context);
  }
  return exitCode;
}

function createProgram(context: CliContext, texts: string[], finish: (code: ExitCode) => void): Command {
  const program = new Command("deltascope");
  program
    .description("What fine-tuning did to a language model's weights, and what it cost.")
    .version(programVersion)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void texts.push(text),
      writeErr: (text) => void texts.push(text),
      outputError: () => undefined,
      getOutHelpWidth: () => context.stdout.columns ?? 100,
    })
    .addHelpText("after", footer);
  for (const add of verbs) add(program, context, finish);
  return program;
}

async function fail(thrown: unknown, words: readonly string[], context: CliContext): Promise<ExitCode> {
  if (thrown instanceof CommanderError) {
    if (thrown.exitCode === 0) return exitCodes.done;
    // Without a verb commander prints the help and calls it an error.
    if (thrown.code === "commander.help") return exitCodes.usage;
  }
  const error = errorDocumentOf(thrown);
  await reportError(context, error, words.includes("--json"));
  return exitCodeOf(error.code);
}
