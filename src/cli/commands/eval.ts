/** `deltascope eval`: scores a checkpoint, with or without an adapter, on tasks. */
import { existsSync } from "node:fs";
import type { Command } from "commander";
import type { TasksDocument } from "../../contract/documents.ts";
import { documentText } from "../../contract/json.ts";
import { visibleText } from "../../contract/text.ts";
import { programVersion } from "../../contract/version.ts";
import type { CliContext, EngineClient } from "../context.ts";
import { withEngine } from "../engine-session.ts";
import { errorDocumentOf, errorLines } from "../errors.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { withInterrupt } from "../interrupt.ts";
import { parseOut } from "../options/out.ts";
import { withReadyMade } from "../options/ready-made.ts";
import { styleFor } from "../terminal/style.ts";
import { evaluationText, knownTasksText } from "../views/evaluation.ts";
import { addScoringOptions } from "./audit-options.ts";
import { bringSources } from "./bring-sources.ts";
import {
  addEvalOptions,
  addEvalOutputOptions,
  type EvalOptions,
  type EvalQuestion,
  evalQuestionOf,
} from "./eval-options.ts";
import { type FollowedEvaluation, followEvaluation } from "./follow-evaluation.ts";

/** Width of tables where the output is not a terminal. */
const plainWidth = 100;

const examples = `
Examples:
  $ deltascope eval --model demo/base --adapter demo/lora-r4 --task demo/tasks/facts.jsonl demo/tasks/kinds.jsonl
  $ deltascope eval --model Qwen/Qwen2.5-0.5B --task boolq --limit 300
  $ deltascope eval --model Qwen/Qwen2.5-0.5B --task boolq=validation.parquet mine=items.jsonl --json

An item is one JSON object per line, for accuracy or for perplexity; what is marked ? may be left out:
  {"context", "choices", "gold", "delimiter"?, "description"?, "ending"?, "keepSpace"?, "group"?}
    gold         place of the right choice, from 0, or a list of places
    delimiter    between context and choice; one space when left out; never counts in a length
    description  before the context; with --chat-template the system turn
    ending       for sentences with a blank: choices end the context, and this text is scored after each
    keepSpace    true: white space at the end of the context stays there
    group        items of one group, such as questions on one passage, are drawn together in intervals
  {"text", "words"?, "bytes"?}
    words, bytes  what the perplexities are per; counted in the text when left out
Scores follow lm-evaluation-harness 0.4.13, in float32. Answers are kept: asking again computes only what is missing.`;

export function addEval(program: Command, context: CliContext, finish: (code: ExitCode) => void): void {
  const command = program
    .command("eval")
    .summary("scores a checkpoint on multiple-choice tasks and perplexity, without Python")
    .description("Scores a checkpoint, with or without an adapter, on tasks.");
  addEvalOutputOptions(addScoringOptions(addEvalOptions(command)))
    .addHelpText("after", examples)
    .action(async (options: EvalOptions) => {
      finish(await (options.listTasks ? listTasks(context, options) : evaluate(context, options)));
    });
}

async function listTasks(context: CliContext, { workspace, json }: EvalOptions): Promise<ExitCode> {
  const tasks = await withEngine(context, { workspace }, (client) => client.evaluation.tasks());
  const { stdout } = context;
  const document: TasksDocument = { schema: "deltascope.tasks/1", version: programVersion, tasks };
  const text = json
    ? documentText(document)
    : knownTasksText(tasks, stdout.columns ?? plainWidth, styleFor(context, stdout));
  await stdout.write(text);
  return exitCodes.done;
}

async function evaluate(context: CliContext, options: EvalOptions): Promise<ExitCode> {
  const { quiet = false, json = false, overwrite = false } = options;
  const question = evalQuestionOf(options, context);
  const file = outFileOf(options, context, overwrite);
  return withEngine(context, { workspace: options.workspace }, async (client) => {
    const tasks = withReadyMade(question.tasks, await client.evaluation.tasks(), existsSync);
    const followed = await score(context, client, { ...question, tasks }, quiet);
    await printEvaluation(context, followed, json);
    const written = file === undefined || (await write(context, client, followed, { file, overwrite, quiet }));
    return written && followed.failures.length === 0 ? exitCodes.done : exitCodes.failed;
  });
}

function outFileOf({ out }: EvalOptions, { workingFolder }: CliContext, overwrite: boolean): string | undefined {
  const values = out === undefined ? [] : [out];
  return parseOut(values, { workingFolder, overwrite, formats: ["json"] })[0]?.file;
}

function score(context: CliContext, client: EngineClient, question: EvalQuestion, quiet: boolean) {
  return withInterrupt(
    context,
    async (signal) => {
      const { base, tuned } = question.variant;
      const at = await bringSources(context, client, [base, tuned], { quiet, signal });
      const variant = { ...question.variant, base: at(base), ...(tuned === undefined ? {} : { tuned: at(tuned) }) };
      return followEvaluation(context, client, { ...question, variant }, { quiet, signal });
    },
    "Cancelling; answers so far are kept.",
  );
}

async function printEvaluation(context: CliContext, followed: FollowedEvaluation, json: boolean): Promise<void> {
  const { stdout, stderr } = context;
  const { document, failures } = followed;
  const text = json
    ? documentText(document)
    : evaluationText(document, stdout.columns ?? plainWidth, styleFor(context, stdout));
  await stdout.write(text);
  for (const { label, error } of failures) await stderr.write(errorLines(error, label));
}

/** A file that cannot be written is said on standard error, where it spoils no document. */
async function write(
  context: CliContext,
  client: EngineClient,
  { document }: FollowedEvaluation,
  { file, overwrite, quiet }: { file: string; overwrite: boolean; quiet: boolean },
): Promise<boolean> {
  try {
    await client.evaluation.export({ document, file, overwrite });
    if (!quiet) await context.stderr.write(`Wrote ${visibleText(file)}\n`);
    return true;
  } catch (thrown) {
    await context.stderr.write(errorLines(errorDocumentOf(thrown)));
    return false;
  }
}
