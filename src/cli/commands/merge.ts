/** `deltascope merge`: an adapter added to its base, with what rounding took from it. */
import type { Command } from "commander";
import type { EditSpec } from "../../contract/domain/edit.ts";
import type { CliContext } from "../context.ts";
import type { ExitCode } from "../exit-codes.ts";
import { baseOption } from "../options/lines.ts";
import { addEditOptions, dtypeOption, type EditOptions, optionalPlace, outputOf, required } from "./edit-options.ts";
import { runEdit } from "./follow-edit.ts";

type MergeSpec = Extract<EditSpec, { edit: "merge" }>;

interface MergeOptions extends EditOptions {
  tuned?: string;
  dtype?: MergeSpec["dtype"];
}

const examples = `
Examples:
  $ deltascope merge --base Qwen2.5-0.5B --tuned out/lora-r16 --out out/merged
  $ deltascope merge --tuned out/lora-r16 --dtype F32 --out out/merged-f32`;

export function addMerge(program: Command, context: CliContext, finish: (code: ExitCode) => void): void {
  const command = program
    .command("merge")
    .summary("writes an adapter into its base, with a report of what rounding took")
    .description("Writes the checkpoint that peft's merge_and_unload would give, shard by shard.")
    .option(...baseOption)
    .option("--tuned <folder>", "adapter")
    .option(...dtypeOption);
  addEditOptions(command)
    .addHelpText("after", examples)
    .action(async (options: MergeOptions) => finish(await runEdit(context, specOf(options, context), options)));
}

function specOf(options: MergeOptions, context: CliContext): MergeSpec {
  return {
    edit: "merge",
    ...optionalPlace(options.base, context),
    tuned: required("--tuned", options.tuned, context),
    dtype: options.dtype ?? "source",
    ...outputOf(options, context),
  };
}
