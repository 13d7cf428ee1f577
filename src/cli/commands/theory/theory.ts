/** `deltascope theory`: the linear model of fine-tuning on the command line. */
import type { Command } from "commander";
import type { CliContext } from "../../context.ts";
import type { ExitCode } from "../../exit-codes.ts";
import { addAdvise } from "./advise.ts";
import { addBatch } from "./batch.ts";
import { addFigure } from "./figure.ts";
import { addRisk } from "./risk.ts";

const examples = `
Examples:
  $ deltascope theory figure 1a
  $ deltascope theory risk --k 100 --d 100 --n 953 --sigma 12 --delta ba:4 --ranks 1,2,4,8 --simulate 100
  $ deltascope theory advise --run fft --n 450 --rho 1`;

export function addTheory(program: Command, context: CliContext, finish: (code: ExitCode) => void): void {
  const theory = program
    .command("theory")
    .summary("risk of LoRA and full fine-tuning in the linear model")
    .description("Risk curves, the paper's figures, rank advice, and every formula by JSON lines.")
    .addHelpText("after", examples);
  for (const add of [addRisk, addFigure, addAdvise, addBatch]) add(theory, context, finish);
}
