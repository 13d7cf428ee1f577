/** `deltascope train`: one fine-tune from a recipe, watched to its end. */
import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Command } from "commander";
import { shellWord } from "../../../contract/command-line.ts";
import type { TrainingDocument } from "../../../contract/documents.ts";
import type { FieldProblem, RecipeResolution, TrainingRun } from "../../../contract/domain/training.ts";
import { DeltaScopeError } from "../../../contract/errors.ts";
import { documentText } from "../../../contract/json.ts";
import { visibleText } from "../../../contract/text.ts";
import { programVersion } from "../../../contract/version.ts";
import type { CliContext, EngineClient } from "../../context.ts";
import { withEngine } from "../../engine-session.ts";
import { type ExitCode, exitCodes } from "../../exit-codes.ts";
import { jsonOption, quietOption, workspaceOption } from "../../options/lines.ts";
import { usageError } from "../../options/numbers.ts";
import { styleFor } from "../../terminal/style.ts";
import { trainingText } from "../../views/training.ts";
import { bringMissing, offerDownload } from "./bring-missing.ts";
import { followJob } from "./follow-job.ts";

interface TrainOptions {
  out?: string;
  resume?: boolean;
  name?: string;
  download?: boolean;
  workspace?: string;
  json?: boolean;
  quiet?: boolean;
}

const plainWidth = 100;
const examples = `
Examples:
  $ deltascope train quick-demo
  $ deltascope train recipes/my-lora.yaml --out out/my-lora
  $ deltascope train recipes/my-lora.yaml --out out/my-lora --resume
  $ deltascope train recipes/on-the-hub.yaml --download

Ctrl-C saves a checkpoint and ends; --resume goes on from it, with the same losses as an undisturbed run. A run that
keeps training since the program that started it closed is followed by --resume.`;

export function addTrain(program: Command, context: CliContext, finish: (code: ExitCode) => void): void {
  program
    .command("train")
    .summary("a fine-tune from a recipe: loss, evaluation, and what happens to the weights")
    .description("Trains as a recipe says and measures every saved checkpoint against the base.")
    .argument("<recipe>", "YAML file, or the name of a recipe that comes with the program")
    .option("--out <folder>", "run folder (default: one of its own in the workspace)")
    .option("--resume", "go on with the run in --out from its newest checkpoint")
    .option("--name <name>", "shown name")
    .option("--download", "first bring what the recipe names by its id and what is not on this machine")
    .option(...workspaceOption)
    .option(...jsonOption())
    .option(...quietOption)
    .addHelpText("after", examples)
    .action(async (recipe: string, options: TrainOptions) => finish(await train(context, recipe, options)));
}

async function train(context: CliContext, recipe: string, options: TrainOptions): Promise<ExitCode> {
  const { resume = false, quiet = false } = options;
  if (resume && options.out === undefined)
    throw usageError("--resume needs --out, the folder of the run to go on with.");
  const out = options.out === undefined ? {} : { out: resolve(context.workingFolder, options.out) };
  const name = options.name === undefined ? {} : { name: options.name };
  return withEngine(context, { workspace: options.workspace }, async (client) => {
    const resolution = await readRecipe(context, client, recipe, { quiet, download: options.download ?? false });
    const spec = { recipe: resolution.recipe, ...folderOf(context, recipe), ...out, ...name, resume };
    const job = await followJob(context, client, { kind: "training", spec }, quiet);
    if (job.question.kind !== "training" || !("run" in job.question.spec))
      throw new DeltaScopeError("internal", "No run.");
    const { run } = job.question.spec;
    const history = await client.training.run({ run });
    if (job.state !== "finished") throw paused(history.run, recipe, options.workspace);
    const document: TrainingDocument = { schema: "deltascope.training/1", version: programVersion, ...history };
    const { stdout } = context;
    const text = options.json
      ? documentText(document)
      : trainingText(history, stdout.columns ?? plainWidth, styleFor(context, stdout));
    await stdout.write(text);
    return exitCodes.done;
  });
}

/** Paths in a file count from its folder. */
function folderOf({ workingFolder }: CliContext, recipe: string): { folder: string } {
  const file = resolve(workingFolder, recipe);
  return { folder: existsSync(file) ? dirname(file) : workingFolder };
}

/** Every problem in a line of its own; warnings do not keep it from starting. */
async function readRecipe(
  context: CliContext,
  client: EngineClient,
  recipe: string,
  { quiet, download }: { quiet: boolean; download: boolean },
): Promise<RecipeResolution> {
  const file = resolve(context.workingFolder, recipe);
  const isPreset = !existsSync(file) && /^[\w.-]+$/.test(recipe) && !/\.ya?ml$/.test(recipe);
  const question = isPreset ? { recipe: { preset: recipe } } : { file };
  const first = await client.training.resolve(question);
  if (download && first.missing.length > 0) await bringMissing(context, client, first.missing, quiet);
  const resolution = download && first.missing.length > 0 ? await client.training.resolve(question) : first;
  const errors = resolution.problems.filter(({ level }) => level === "error");
  const shown = quiet ? errors : resolution.problems;
  for (const problem of shown) await context.stderr.write(`${problemLine(problem, recipe)}\n`);
  if (errors.length === 0) return resolution;
  if (resolution.missing.length > 0 && !quiet) await offerDownload(context, client, resolution.missing);
  const count = errors.length === 1 ? "One field keeps" : `${errors.length} fields keep`;
  const faults = errors.map(({ field, message, line }) => ({ field, message, line }));
  const place = isPreset ? recipe : file;
  throw new DeltaScopeError("recipe.invalid", `${count} the recipe from starting.`, place, { faults });
}

function problemLine({ field, message, level, line }: FieldProblem, recipe: string): string {
  const place = line === null ? recipe : `${recipe}:${line}`;
  return visibleText(`${level} ${place}: ${field === "" ? "" : `${field}: `}${message}`);
}

function paused(
  { step, folder, checkpoint }: TrainingRun,
  recipe: string,
  workspace: string | undefined,
): DeltaScopeError {
  const kept = checkpoint === null ? "no checkpoint was saved yet" : "its checkpoint is kept";
  const place = workspace === undefined ? "" : ` --workspace ${shellWord(workspace)}`;
  const command = `deltascope train ${shellWord(recipe)} --out ${shellWord(folder)}${place} --resume`;
  return new DeltaScopeError("job.cancelled", `The run stopped at step ${step}; ${kept}. Go on with: ${command}`);
}
