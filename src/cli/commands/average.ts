/** `deltascope average`: one model from several checkpoints or adapters of a run. */
import type { Command } from "commander";
import type { EditSpec } from "../../contract/domain/edit.ts";
import type { CliContext } from "../context.ts";
import type { ExitCode } from "../exit-codes.ts";
import { baseOption } from "../options/lines.ts";
import { usageError, wholeNumber } from "../options/numbers.ts";
import { place } from "../options/place.ts";
import { addEditOptions, type EditOptions, optionalPlace, outputOf } from "./edit-options.ts";
import { runEdit } from "./follow-edit.ts";

interface AverageOptions extends EditOptions {
  weights?: number[];
  rank?: number;
}

const largestRank = 100_000;

const examples = `
Examples:
  $ deltascope average out/step-100 out/step-200 out/step-300 --out out/average
  $ deltascope average --base Qwen2.5-0.5B out/lora-1 out/lora-2 --weights 1,3 --rank 16 --out out/average`;

export function addAverage(program: Command, context: CliContext, finish: (code: ExitCode) => void): void {
  const command = program
    .command("average")
    .summary("averages checkpoints, or the updates of adapters")
    .description("Averages checkpoints of one shape in float64, or ΔW of adapters to one base.")
    .argument("<path...>", "checkpoints, or adapters, at least two")
    .option(...baseOption)
    .option("--weights <a,b,…>", "how much each one counts (default: all the same)", weightList)
    .option("--rank <number>", "bring an average of adapters back to this rank", wholeNumber("--rank", 1, largestRank));
  addEditOptions(command)
    .addHelpText("after", examples)
    .action(async (members: string[], options: AverageOptions) =>
      finish(await runEdit(context, specOf(members, options, context), options)),
    );
}

function specOf(members: readonly string[], options: AverageOptions, context: CliContext): EditSpec {
  const { weights, rank } = options;
  if (members.length < 2) throw usageError("Name at least two checkpoints or adapters.");
  if (weights !== undefined && weights.length !== members.length) {
    throw usageError(`--weights gives ${weights.length} numbers for ${members.length} members.`);
  }
  return {
    edit: "average",
    ...optionalPlace(options.base, context),
    members: members.map((member) => place(member, context.workingFolder)),
    ...(weights === undefined ? {} : { weights }),
    ...(rank === undefined ? {} : { rank }),
    ...outputOf(options, context),
  };
}

function weightList(text: string): number[] {
  const weights = text.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  if (weights.every((weight) => Number.isFinite(weight) && weight >= 0) && weights.some((weight) => weight > 0)) {
    return weights;
  }
  throw usageError(`--weights "${text}" must be numbers of at least 0, such as 1,2,1, one of them above.`);
}
