/** `deltascope sweep`: a grid of fine-tunes, here or as commands for a cluster. */
import { basename, resolve } from "node:path";
import type { Command } from "commander";
import type { JobsDocument } from "../../../contract/documents.ts";
import type { NewSweep } from "../../../contract/domain/training.ts";
import { DeltaScopeError } from "../../../contract/errors.ts";
import { formatNumberOf } from "../../../contract/format.ts";
import { documentText } from "../../../contract/json.ts";
import { programVersion } from "../../../contract/version.ts";
import type { CliContext, EngineClient } from "../../context.ts";
import { withEngine } from "../../engine-session.ts";
import { errorLines } from "../../errors.ts";
import { type ExitCode, exitCodes } from "../../exit-codes.ts";
import { jsonOption, quietOption, workspaceOption } from "../../options/lines.ts";
import { usageError } from "../../options/numbers.ts";
import { styleFor } from "../../terminal/style.ts";
import { sweepText } from "../../views/sweep.ts";
import { bringMissing, offerDownload } from "./bring-missing.ts";
import { followJob } from "./follow-job.ts";

interface SweepOptions {
  out?: string;
  printJobs?: boolean;
  download?: boolean;
  workspace?: string;
  json?: boolean;
  quiet?: boolean;
}

const plainWidth = 110;
const examples = `
Examples:
  $ deltascope sweep ranks.yaml --out out/ranks
  $ deltascope sweep ranks.yaml --out /shared/ranks --print-jobs > jobs.txt

The same command goes on with what the folder does not hold yet, and takes in what printed commands have trained, here
or on another machine whose folder was copied back. results.csv there has one row per run. A file:
  name: ranks
  recipe: { preset: quick-demo }
  axes: { variants: [{ method: full }, { lora: { rank: 1 } }, { lora: { rank: 16 } }], seed: [1, 2] }
  tasks: [{ file: compare.jsonl, role: new }, { file: facts.jsonl, role: retain }]`;

export function addSweep(program: Command, context: CliContext, finish: (code: ExitCode) => void): void {
  program
    .command("sweep")
    .summary("a grid of fine-tunes: methods, ranks, seeds, noise, examples, rates")
    .description("Runs every combination of a sweep's axes, one run per device, and compares them over seeds.")
    .argument("<sweep>", "YAML file")
    .option("--out <folder>", "folder of the sweep (default: one of its own in the workspace)")
    .option("--print-jobs", "write the configurations to --out and print one command for each run; nothing is started")
    .option("--download", "first bring what its recipes name by their ids and what is not on this machine")
    .option(...workspaceOption)
    .option(...jsonOption())
    .option(...quietOption)
    .addHelpText("after", examples)
    .action(async (file: string, options: SweepOptions) => finish(await sweep(context, file, options)));
}

async function sweep(context: CliContext, file: string, options: SweepOptions): Promise<ExitCode> {
  const out = options.out === undefined ? undefined : resolve(context.workingFolder, options.out);
  if (options.printJobs && out === undefined)
    throw usageError("--print-jobs needs --out, a folder that the runs share.");
  return withEngine(context, { workspace: options.workspace }, async (client) => {
    const asked = await client.training.readSweep({ file: resolve(context.workingFolder, file) });
    await bringNeeds(context, client, asked, options);
    if (options.printJobs && out !== undefined) return printJobs(context, client, { ...asked, out }, options);
    return run(context, client, { ...asked, ...(out !== undefined && { out }) }, options);
  });
}

/** Without --download it is told what would be brought; that it is missing is said by what follows. */
async function bringNeeds(
  context: CliContext,
  client: EngineClient,
  question: NewSweep,
  { download = false, quiet = false }: SweepOptions,
): Promise<void> {
  const { missing } = await client.training.sweepNeeds(question);
  if (missing.length === 0) return;
  if (download) await bringMissing(context, client, missing, quiet);
  else if (!quiet) await offerDownload(context, client, missing);
}

async function printJobs(
  context: CliContext,
  client: EngineClient,
  question: NewSweep & { out: string },
  { json = false }: SweepOptions,
): Promise<ExitCode> {
  const { commands } = await client.training.printJobs(question);
  const document: JobsDocument = { schema: "deltascope.jobs/1", version: programVersion, commands };
  await context.stdout.write(json ? documentText(document) : commands.map((command) => `${command}\n`).join(""));
  return exitCodes.done;
}

async function run(
  context: CliContext,
  client: EngineClient,
  question: NewSweep,
  { json = false, quiet = false }: SweepOptions,
): Promise<ExitCode> {
  const { cells } = await client.training.plan(question);
  if (!quiet) await context.stderr.write(`${formatNumberOf(cells.length, "run")}.\n`);
  const job = await followJob(context, client, { kind: "sweep", spec: question }, quiet);
  if (job.question.kind !== "sweep" || !("id" in job.question.spec)) throw new DeltaScopeError("internal", "No sweep.");
  const document = await client.training.sweep({ sweep: job.question.spec.id });
  if (job.state !== "finished") throw paused(job.note ?? "", document.folder, basename(document.spec.name));
  const { stdout } = context;
  await stdout.write(
    json ? documentText(document) : sweepText(document, stdout.columns ?? plainWidth, styleFor(context, stdout)),
  );
  for (const { label, error } of job.failures) await context.stderr.write(errorLines(error, label));
  return job.failures.length > 0 ? exitCodes.failed : exitCodes.done;
}

function paused(kept: string, folder: string, name: string): DeltaScopeError {
  const message = `The sweep ${name} stopped. ${kept} Go on with the same command and --out ${folder}`;
  return new DeltaScopeError("job.cancelled", message);
}
