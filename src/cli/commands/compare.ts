/** `deltascope compare`: stored runs, listed or side by side. */
import type { Command } from "commander";
import type { RunsDocument } from "../../contract/documents.ts";
import { documentText } from "../../contract/json.ts";
import { programVersion } from "../../contract/version.ts";
import type { CliContext, EngineClient } from "../context.ts";
import { withEngine } from "../engine-session.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { jsonOption, quietOption, workspaceOption } from "../options/lines.ts";
import { styleFor } from "../terminal/style.ts";
import { storedRunsText } from "../views/stored-runs.ts";
import { printDocument } from "./analysis-results.ts";

interface CompareOptions {
  workspace?: string;
  json?: boolean;
}

const plainWidth = 100;
const examples = `
Examples:
  $ deltascope compare
  $ deltascope compare fft lora-r16 --json`;

export function addCompare(program: Command, context: CliContext, finish: (code: ExitCode) => void): void {
  program
    .command("compare")
    .summary("stored runs side by side; without names, a list of them")
    .description("Shows stored runs side by side, by label or id; lists the stored runs when none is named.")
    .argument("[run...]", "labels or ids of stored runs")
    .option(...workspaceOption)
    .option(...jsonOption())
    .option(...quietOption)
    .addHelpText("after", examples)
    .action(async (runs: string[], options: CompareOptions) => {
      await withEngine(context, { workspace: options.workspace }, (client) =>
        runs.length === 0 ? list(context, client, options) : sideBySide(context, client, runs, options),
      );
      finish(exitCodes.done);
    });
}

async function list(context: CliContext, client: EngineClient, { json }: CompareOptions): Promise<void> {
  const runs = await client.runs.list();
  const document: RunsDocument = { schema: "deltascope.runs/1", version: programVersion, runs };
  const { stdout } = context;
  await stdout.write(
    json ? documentText(document) : storedRunsText(runs, stdout.columns ?? plainWidth, styleFor(context, stdout)),
  );
}

async function sideBySide(
  context: CliContext,
  client: EngineClient,
  runs: string[],
  { json }: CompareOptions,
): Promise<void> {
  await printDocument(context, await client.runs.compare({ runs }), json ?? false);
}
