/** `deltascope extract-lora`: the best LoRA of what a full fine-tune changed. */
import type { Command } from "commander";
import type { EditSpec } from "../../contract/domain/edit.ts";
import type { CliContext } from "../context.ts";
import type { ExitCode } from "../exit-codes.ts";
import { modulesOption, requiredBaseOption } from "../options/lines.ts";
import { usageError, wholeNumber } from "../options/numbers.ts";
import { addEditOptions, type EditOptions, numberWithin, outputOf, required } from "./edit-options.ts";
import { runEdit } from "./follow-edit.ts";

interface ExtractOptions extends EditOptions {
  tuned?: string;
  rank?: number;
  energy?: number;
  modules?: string;
}

const largestRank = 100_000;

const examples = `
Examples:
  $ deltascope extract-lora --base Qwen2.5-0.5B --tuned out/full --rank 64 --out out/full-as-lora
  $ deltascope extract-lora --base Qwen2.5-0.5B --tuned out/full --energy 0.9 --out out/full-as-lora`;

export function addExtractLora(program: Command, context: CliContext, finish: (code: ExitCode) => void): void {
  const command = program
    .command("extract-lora")
    .summary("the best LoRA of a full fine-tune, with the error it makes")
    .description("Writes a LoRA whose B·A is the best approximation of each ΔW; norms, biases and embeddings stay out.")
    .option(...requiredBaseOption)
    .option("--tuned <folder>", "full fine-tuned checkpoint")
    .option("--rank <number>", "rank of every module", wholeNumber("--rank", 1, largestRank))
    .option(
      "--energy <share>",
      "in place of a rank: the least rank of each module that keeps this share of Σσ²",
      energyShare,
    )
    .option(...modulesOption);
  addEditOptions(command)
    .addHelpText("after", examples)
    .action(async (options: ExtractOptions) => finish(await runEdit(context, specOf(options, context), options)));
}

function energyShare(text: string): number {
  const value = numberWithin("--energy", 0, 1)(text);
  if (value > 0) return value;
  throw usageError("--energy must lie above 0; 0.9 keeps nine tenths.");
}

function specOf(options: ExtractOptions, context: CliContext): EditSpec {
  const { rank, energy, modules } = options;
  if ((rank === undefined) === (energy === undefined)) throw usageError("Give either --rank or --energy.");
  return {
    edit: "extract-lora",
    base: required("--base", options.base, context),
    tuned: required("--tuned", options.tuned, context),
    ...(rank === undefined ? {} : { rank }),
    ...(energy === undefined ? {} : { energy }),
    ...(modules === undefined ? {} : { modules }),
    ...outputOf(options, context),
  };
}
