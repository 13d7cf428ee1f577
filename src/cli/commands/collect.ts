/** `deltascope collect`: puts the parts of an analysis together in one workspace. */
import type { Command } from "commander";
import { type CollectEvent, exportFormat } from "../../contract/api.ts";
import { type CollectDocument, isComplete } from "../../contract/domain/part.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import { documentText } from "../../contract/json.ts";
import type { CliContext, EngineClient } from "../context.ts";
import { withEngine } from "../engine-session.ts";
import { errorLines } from "../errors.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { withInterrupt } from "../interrupt.ts";
import { jsonOption, outFilesOption, overwriteOption, quietOption, workspaceOption } from "../options/lines.ts";
import { parseOut } from "../options/out.ts";
import { place } from "../options/place.ts";
import { progressView } from "../terminal/progress.ts";
import { styleFor } from "../terminal/style.ts";
import { analysisText } from "../views/analysis.ts";
import { collectionText } from "../views/collection.ts";
import { exportFiles, noModuleLine } from "./analysis-results.ts";

interface CollectOptions {
  workspace?: string;
  out?: string[];
  overwrite?: boolean;
  json?: boolean;
  quiet?: boolean;
}

const plainWidth = 100;
/** Contradictions said on standard error; the document holds all. */
const contradictionsSaid = 10;

const examples = `
Examples:
  $ deltascope collect parts/* --workspace results --out report.html
  $ sbatch --array 1-8 --wrap 'deltascope analyze --base B --tuned T --shard $SLURM_ARRAY_TASK_ID/8 --out parts/$SLURM_ARRAY_TASK_ID'

A part is the folder that \`analyze --shard i/n --out FOLDER\` wrote; a folder of parts stands for all of them. The first
part says which analysis it is: parts of others, damaged ones and those of other versions are refused, the rest is
collected. Ends with 0 when everything that was asked is there, with 1 when shards are missing or refused, or
when two parts give different numbers for one module: such a module is left for \`analyze\` to measure again.`;

export function addCollect(program: Command, context: CliContext, finish: (code: ExitCode) => void): void {
  program
    .command("collect")
    .summary("puts parts that `analyze --shard` wrote together in one workspace")
    .description("Merges the parts of one analysis into a workspace; names what is missing, there twice or refused.")
    .argument("<part...>", "folders of parts, or folders that hold them")
    .option(...workspaceOption)
    .option(...outFilesOption(".json, .csv, .parquet or .html of the whole analysis"))
    .option(...overwriteOption)
    .option(...jsonOption("one JSON document about the parts"))
    .option(...quietOption)
    .addHelpText("after", examples)
    .action(async (parts: string[], options: CollectOptions) => {
      finish(await collect(context, parts, options));
    });
}

async function collect(context: CliContext, named: string[], options: CollectOptions): Promise<ExitCode> {
  const { overwrite = false, quiet = false } = options;
  const files = parseOut(options.out ?? [], {
    workingFolder: context.workingFolder,
    overwrite,
    formats: exportFormat.options,
  });
  const parts = named.map((text) => place(text, context.workingFolder));
  return withEngine(context, { workspace: options.workspace }, async (client) => {
    const collected = await withInterrupt(context, (signal) => follow(context, client, parts, { quiet, signal }));
    const text = options.json ? documentText(collected) : await textOf(context, client, collected);
    await context.stdout.write(text);
    const written = await exportFiles(context, client, collected.run, files, { overwrite, quiet });
    await tellContradictions(context, collected);
    await tellLost(context, collected);
    return written && isComplete(collected) && lostRuns(collected).length === 0 ? exitCodes.done : exitCodes.failed;
  });
}

async function follow(
  context: CliContext,
  client: EngineClient,
  parts: string[],
  { quiet, signal }: { quiet: boolean; signal: AbortSignal },
): Promise<CollectDocument> {
  const view = progressView(context.stderr, quiet);
  try {
    const events: AsyncIterable<CollectEvent> = await client.analysis.collect({ parts }, { signal });
    for await (const event of events) {
      if (event.type === "collected") return event.document;
      if (event.type === "progress") view.show(event.progress);
      else {
        view.end();
        await context.stderr.write(errorLines(event.error));
      }
    }
    throw new DeltaScopeError("internal", "Collecting ended without a result.");
  } finally {
    view.end();
  }
}

async function textOf(context: CliContext, client: EngineClient, collected: CollectDocument): Promise<string> {
  const document = await client.analysis.document({ analysis: collected.run });
  const width = context.stdout.columns ?? plainWidth;
  const style = styleFor(context, context.stdout);
  return `${collectionText(collected, width, style)}\n${analysisText(document, width, style)}`;
}

/** Runs without a single measured module. */
function lostRuns({ runs }: CollectDocument): CollectDocument["runs"] {
  return runs.filter(({ modules, failed }) => modules > 0 && failed === modules);
}

async function tellLost({ stderr }: CliContext, collected: CollectDocument): Promise<void> {
  for (const { label, error } of collected.failures) await stderr.write(errorLines(error, label));
  for (const { label } of lostRuns(collected)) await stderr.write(noModuleLine(label));
}

async function tellContradictions(context: CliContext, { duplicates }: CollectDocument): Promise<void> {
  const { different } = duplicates;
  for (const { error } of different.slice(0, contradictionsSaid)) await context.stderr.write(errorLines(error));
  const rest = different.length - contradictionsSaid;
  if (rest > 0) await context.stderr.write(`and ${rest} more\n`);
}
