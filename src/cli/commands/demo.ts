/** `deltascope demo`: the bundled checkpoints, copied and analysed. */
import { resolve } from "node:path";
import type { Command } from "commander";
import { analysisSettings } from "../../contract/domain/analysis.ts";
import type { CliContext } from "../context.ts";
import { withEngine } from "../engine-session.ts";
import type { ExitCode } from "../exit-codes.ts";
import { jsonOption, quietOption, workspaceOption } from "../options/lines.ts";
import { analyze } from "./analyze.ts";

interface DemoOptions {
  out?: string;
  workspace?: string;
  json?: boolean;
  quiet?: boolean;
}

const examples = `
Example:
  $ deltascope demo --out demo-checkpoints`;

export function addDemo(program: Command, context: CliContext, finish: (code: ExitCode) => void): void {
  program
    .command("demo")
    .summary("copies the bundled demo checkpoints and analyses them")
    .description("A small Qwen2, fully fine-tuned and LoRA-tuned at several ranks: copied, analysed, compared.")
    .option("--out <folder>", "where the checkpoints are copied (default: the workspace)")
    .option(...workspaceOption)
    .option(...jsonOption("the analysis document"))
    .option(...quietOption)
    .addHelpText("after", examples)
    .action(async (options: DemoOptions) => finish(await demo(context, options)));
}

async function demo(context: CliContext, options: DemoOptions): Promise<ExitCode> {
  const folder = options.out === undefined ? undefined : resolve(context.workingFolder, options.out);
  const copied = await withEngine(context, { workspace: options.workspace }, (client) => client.demo({ folder }));
  if (!options.quiet) await context.stderr.write(`Demo checkpoints: ${copied.folder}\n`);
  const { base, tuned } = copied;
  return analyze(
    context,
    { base, tuned, settings: analysisSettings.parse({}), embeddings: false },
    { ...options, out: undefined },
  );
}
