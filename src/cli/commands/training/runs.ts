/** `deltascope runs`: fine-tunes of the workspace, listed or one in full. */
import type { Command } from "commander";
import type { TrainingDocument, TrainingsDocument } from "../../../contract/documents.ts";
import type { TrainingRun } from "../../../contract/domain/training.ts";
import { DeltaScopeError, toDeltaScopeError } from "../../../contract/errors.ts";
import { documentText } from "../../../contract/json.ts";
import { shortText, visibleText } from "../../../contract/text.ts";
import { programVersion } from "../../../contract/version.ts";
import type { CliContext, EngineClient } from "../../context.ts";
import { withEngine } from "../../engine-session.ts";
import { type ExitCode, exitCodes } from "../../exit-codes.ts";
import { jsonOption, quietOption, workspaceOption } from "../../options/lines.ts";
import { styleFor } from "../../terminal/style.ts";
import { trainingsText, trainingText } from "../../views/training.ts";

interface RunsOptions {
  workspace?: string;
  json?: boolean;
}

const plainWidth = 110;
const examples = `
Examples:
  $ deltascope runs
  $ deltascope runs quick-demo-lora-r4-s1-b1962e --json
  $ deltascope runs save quick-demo-lora-r4-s1-b1962e`;

export function addRuns(program: Command, context: CliContext, finish: (code: ExitCode) => void): void {
  const runs = program
    .command("runs")
    .summary("fine-tunes that were started; with a name, one in full")
    .description(
      "Lists the workspace's fine-tunes, also those that keep training while the app is closed; with an id or a name, the newest one of that name in full.",
    )
    .argument("[run]", "id or name of a fine-tune")
    .option(...workspaceOption)
    .option(...jsonOption())
    .option(...quietOption)
    .addHelpText("after", examples)
    .action(async (run: string | undefined, options: RunsOptions) => {
      await withEngine(context, { workspace: options.workspace }, async (client) => {
        await openToLook(client);
        await (run === undefined ? list(context, client, options) : show(context, client, run, options));
      });
      finish(exitCodes.done);
    });
  runs
    .command("save")
    .summary("ask a fine-tune that runs for a checkpoint")
    .description(
      "Saves a checkpoint after the current step and goes on, also where the app or another terminal trains.",
    )
    .argument("<run>", "id or name of a fine-tune")
    .action(async (run: string, _: RunsOptions, command: Command) => {
      const { workspace } = command.optsWithGlobals<RunsOptions>();
      await withEngine(context, { workspace }, (client) => save(context, client, run));
      finish(exitCodes.done);
    });
}

async function list(context: CliContext, client: EngineClient, { json }: RunsOptions): Promise<void> {
  const runs = await client.training.runs();
  const document: TrainingsDocument = { schema: "deltascope.trainings/1", version: programVersion, runs };
  const { stdout } = context;
  await stdout.write(
    json ? documentText(document) : trainingsText(runs, stdout.columns ?? plainWidth, styleFor(context, stdout)),
  );
}

/** A workspace that the app holds is looked at in a copy. */
async function openToLook(client: EngineClient): Promise<void> {
  try {
    await client.training.runs();
  } catch (thrown) {
    if (toDeltaScopeError(thrown).code !== "store.locked") throw thrown;
    await client.workspace.open({ readOnly: true });
  }
}

async function save(context: CliContext, client: EngineClient, name: string): Promise<void> {
  await openToLook(client);
  const { id } = await runNamed(client, name);
  const { name: shown, folder } = await client.training.checkpoint({ run: id });
  await context.stderr.write(
    `${shortText(shown)} saves a checkpoint after its current step, in ${visibleText(folder)}\n`,
  );
}

/** By its id, or the newest of its name. @throws DeltaScopeError `training.not-found` */
async function runNamed(client: EngineClient, name: string): Promise<TrainingRun> {
  const runs = await client.training.runs();
  const found = runs.find(({ id }) => id === name) ?? runs.find((run) => run.name === name);
  if (found) return found;
  throw new DeltaScopeError("training.not-found", `There is no fine-tune ${JSON.stringify(name.slice(0, 64))}.`);
}

async function show(context: CliContext, client: EngineClient, name: string, { json }: RunsOptions): Promise<void> {
  const found = await runNamed(client, name);
  const history = await client.training.run({ run: found.id });
  const document: TrainingDocument = { schema: "deltascope.training/1", version: programVersion, ...history };
  const { stdout } = context;
  await stdout.write(
    json ? documentText(document) : trainingText(history, stdout.columns ?? plainWidth, styleFor(context, stdout)),
  );
}
