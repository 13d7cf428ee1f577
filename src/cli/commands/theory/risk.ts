/** `deltascope theory risk`: one setting, all ranks. */
import type { Command } from "commander";
import type { RiskDocument, RiskQuestion } from "../../../contract/domain/theory.ts";
import { formatSignificant } from "../../../contract/format.ts";
import type { CliContext } from "../../context.ts";
import { type ExitCode, exitCodes } from "../../exit-codes.ts";
import { usageError } from "../../options/numbers.ts";
import { wrap } from "../../terminal/width.ts";
import { countOption, rankList, realNumber, shiftOf, sizeOption } from "./numbers.ts";
import { type Answer, answerWith, type OutputOptions, outputOptions, styledTable } from "./output.ts";
import { numbersOf } from "./spectrum-file.ts";

interface RiskOptions extends OutputOptions, Omit<RiskQuestion, "delta" | "covariance"> {
  delta?: RiskQuestion["delta"];
  spectrum?: string;
  covariance?: string;
}

const examples = `
Examples:
  $ deltascope theory risk --k 100 --d 100 --n 953 --sigma 12 --delta ba:4 --ranks 1,2,4,8 --simulate 100
  $ deltascope theory risk --k 896 --d 896 --n 2000 --sigma 0.05 --delta pow:1:1 --out risk.csv`;

export function addRisk(theory: Command, context: CliContext, finish: (code: ExitCode) => void): void {
  const command = theory
    .command("risk")
    .summary("excess risk of full fine-tuning and of LoRA at each rank")
    .description("Closed forms of one setting; with --simulate also means over random data with standard errors.")
    .requiredOption("--k <outputs>", "rows of the matrix", sizeOption("--k"))
    .requiredOption("--d <inputs>", "columns of the matrix", sizeOption("--d"))
    .requiredOption("--n <samples>", "samples", sizeOption("--n"))
    .requiredOption("--sigma <noise>", "standard deviation of the noise per output", realNumber("--sigma"))
    .option("--delta <shift>", "ba:RANK, exp:RATE:SCALE or pow:P:SCALE", shiftOf)
    .option("--spectrum <file>", "singular values of the shift: JSON, or one per line")
    .option("--covariance <file>", "eigenvalues of the input covariance along the shift's right vectors")
    .option("--ranks <list>", "ranks of LoRA, all when left out", rankList)
    .option("--simulate <replicates>", "simulate so many data sets", countOption("--simulate", 1_000_000), 0)
    .option("--seed <seed>", "of simulations and random shifts", countOption("--seed", 2 ** 32 - 1), 0)
    .option("--average <fits>", "average of so many fits on independent data sets", sizeOption("--average"));
  outputOptions(command)
    .addHelpText("after", examples)
    .action(async (options: RiskOptions) => {
      const question = await questionOf(options, context);
      await answerWith(context, options, async (client, signal) =>
        answerOf(context, await client.theory.risk(question, { signal })),
      );
      finish(exitCodes.done);
    });
}

async function questionOf(options: RiskOptions, { workingFolder }: CliContext): Promise<RiskQuestion> {
  const { k, d, n, sigma, ranks, simulate, seed, average, spectrum, delta, covariance } = options;
  if ((spectrum === undefined) === (delta === undefined)) throw usageError("Give either --delta or --spectrum.");
  const given = spectrum === undefined ? undefined : await numbersOf(spectrum, workingFolder);
  const eigenvalues = covariance === undefined ? undefined : await numbersOf(covariance, workingFolder);
  const shift = given ? { kind: "given" as const, values: given } : delta;
  if (!shift) throw usageError("Give either --delta or --spectrum.");
  return { k, d, n, sigma, delta: shift, ranks, simulate, seed, average, covariance: eigenvalues };
}

function answerOf(context: CliContext, document: RiskDocument): Answer {
  const simulated = new Map(document.simulation?.lora.map((row) => [row.r, row]));
  const bounds = new Map(document.curve.map(({ r }, index) => [r, document.lowerBound[index] ?? null]));
  const guaranteed = new Map(document.simulation?.guarantee?.map(({ r, mean }) => [r, mean]));
  const rows = document.curve.map(({ r, risk, bias, variance }) => {
    const mean = simulated.get(r);
    const known = [bounds.get(r), mean?.mean, mean?.se, guaranteed.get(r)];
    return [r, risk, bias, variance, ...known.map((value) => value ?? null)];
  });
  return {
    document,
    head: ["rank", "risk", "bias", "variance", "lower_bound", "simulated_mean", "simulated_se", "guarantee"],
    rows,
    text: (width) => lines(context, document, { simulated, guaranteed }, width),
  };
}

/** By rank: means of the simulation, and the proven bound's mean. */
interface Sampled {
  simulated: ReadonlyMap<number, { mean: number; se: number }>;
  guaranteed: ReadonlyMap<number, number>;
}

function lines(
  context: CliContext,
  { fft, untrained, curve, best, simulation, crossovers, alerts }: RiskDocument,
  { simulated, guaranteed }: Sampled,
  width: number,
): string[] {
  const right = (title: string) => ({ title, align: "right" as const });
  const hasGuarantee = guaranteed.size > 0;
  const head = ["rank", "LoRA", "signal missed", "noise fitted", "simulated"];
  const table = curve.map(({ r, risk, bias, variance }) => {
    const mean = simulated.get(r);
    const shown = mean ? `${formatSignificant(mean.mean)} ± ${formatSignificant(mean.se)}` : "";
    const bound = guaranteed.get(r);
    const closed = [String(r), `≈ ${formatSignificant(risk)}`, formatSignificant(bias), formatSignificant(variance)];
    return [...closed, shown, ...(hasGuarantee ? [bound === undefined ? "" : `≤ ${formatSignificant(bound)}`] : [])];
  });
  const full = simulation
    ? `, simulated ${formatSignificant(simulation.fft.mean)} ± ${formatSignificant(simulation.fft.se)}`
    : "";
  const noise = crossovers.sigma.filter(({ sigma }) => sigma !== null);
  return [
    fft
      ? `Full fine-tuning: ${formatSignificant(fft.risk)} (${fft.status}), bias ${formatSignificant(fft.bias)}, variance ${formatSignificant(fft.variance)}${full}`
      : `Full fine-tuning: no closed form here${full}`,
    `Not training:     ${formatSignificant(untrained)}`,
    ...(curve.length > 0 ? [`Best rank:        ${best.r} with ≈ ${formatSignificant(best.risk)}`, ""] : []),
    ...styledTable(context, [...head, ...(hasGuarantee ? ["guarantee, loose"] : [])].map(right), table, width),
    ...(noise.length > 0 ? ["", "LoRA beats full fine-tuning when the noise σ is above"] : []),
    ...noise.map(({ r, sigma }) => `  r ${r}: ≈ ${formatSignificant(sigma)}`),
    ...alerts.flatMap(({ message, tip }) => wrap(`${message} ${tip}`, width, "  ")),
  ];
}
