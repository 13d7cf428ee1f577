/** `deltascope theory advise`: LoRA or full fine-tuning, and which rank, from a measured spectrum. */
import type { Command } from "commander";
import { z } from "zod";
import type { AdviceDocument, AdviceQuestion, Verdict } from "../../../contract/domain/theory.ts";
import { formatAccuracy, formatNumberOf, formatSignificant } from "../../../contract/format.ts";
import { visibleText } from "../../../contract/text.ts";
import type { CliContext, EngineClient } from "../../context.ts";
import { type ExitCode, exitCodes } from "../../exit-codes.ts";
import { workspaceOption } from "../../options/lines.ts";
import { usageError } from "../../options/numbers.ts";
import { wrap } from "../../terminal/width.ts";
import { countOption, realNumber, sizeOption } from "./numbers.ts";
import { type Answer, answerWith, type OutputOptions, outputOptions, styledTable } from "./output.ts";
import { numbersOf } from "./spectrum-file.ts";

interface AdviseOptions extends OutputOptions {
  run?: string;
  spectrum?: string;
  energy?: string;
  total: number;
  k?: number;
  d?: number;
  tau: number;
  n: number;
  rho: number;
  budget?: number;
  confirm: number;
  seed: number;
}

/** Replicates that --confirm without a number asks for. */
const confirmReplicates = 8;
const examples = `
Examples:
  $ deltascope theory advise --run fft --n 450 --rho 1
  $ deltascope theory advise --run fft:model.layers.3.mlp.down_proj --n 450 --rho 1 --confirm
  $ deltascope theory advise --spectrum values.json --k 896 --d 896 --n 2000 --rho 0.3`;

export function addAdvise(theory: Command, context: CliContext, finish: (code: ExitCode) => void): void {
  const command = theory
    .command("advise")
    .summary("which rank, or full fine-tuning, predicted from a measured ΔW")
    .description("Predicts the risk at each rank from the spectrum of a stored run or of a file, and recommends one.")
    .option("--run <label[:module]>", "stored run, with one of its modules or all of them")
    .option("--spectrum <file>", "singular values of ΔW: JSON, or one per line")
    .option("--energy <file>", "energy curve E(1), E(2), … of ΔW: shares of ‖ΔW‖², rising to 1")
    .option("--total <energy>", "‖ΔW‖² of that curve", realNumber("--total"), 1)
    .option("--k <outputs>", "rows of the matrix, with --spectrum or --energy", sizeOption("--k"))
    .option("--d <inputs>", "columns of the matrix, with --spectrum or --energy", sizeOption("--d"))
    .option("--tau <floor>", "deviation of the noise floor per entry, with --spectrum", realNumber("--tau"), 0)
    .requiredOption(
      "--n <samples>",
      "effective samples: between training examples and trained tokens",
      sizeOption("--n"),
    )
    .option("--rho <ratio>", "noise-to-shift ratio, assumed", realNumber("--rho"), 1)
    .option("--budget <parameters>", "ranks of all modules under this many parameters", sizeOption("--budget"))
    .option("--confirm [replicates]", "simulate at the true shape", countOption("--confirm", 1000), 0)
    .option("--seed <seed>", "of the simulation", countOption("--seed", 2 ** 32 - 1), 0)
    .option(...workspaceOption);
  outputOptions(command)
    .addHelpText("after", examples)
    .action(async (options: AdviseOptions) => {
      await answerWith(context, options, async (client, signal) => {
        const question = await questionOf(options, context, client);
        return answerOf(context, await client.theory.advise(question, { signal }));
      });
      finish(exitCodes.done);
    });
}

async function questionOf(
  options: AdviseOptions,
  { workingFolder }: CliContext,
  client: EngineClient,
): Promise<AdviceQuestion> {
  const { n, rho, budget, seed } = options;
  // Without a number commander says true.
  const confirm = typeof options.confirm === "boolean" ? confirmReplicates : options.confirm;
  return { source: await sourceOf(options, workingFolder, client), n, rho, budget, confirm, seed };
}

const spectrumOf = z.object({ singular_values: z.array(z.number()) });

async function sourceOf(
  { run, spectrum, energy, total, k, d, tau }: AdviseOptions,
  workingFolder: string,
  client: EngineClient,
): Promise<AdviceQuestion["source"]> {
  const given = [run, spectrum, energy].filter((option) => option !== undefined);
  if (given.length !== 1) throw usageError("Give one of --run, --spectrum and --energy.");
  if (run !== undefined) {
    const [label = "", ...module] = run.split(":");
    return module.length > 0 ? { run: label, module: module.join(":") } : { run: label };
  }
  if (k === undefined || d === undefined) throw usageError("A spectrum or energy curve needs --k and --d, its shape.");
  const numbers = await numbersOf(spectrum ?? energy ?? "", workingFolder);
  if (energy === undefined) return { spectrum: numbers, k, d, tau };
  const answer = await client.theory.ask({ kind: "energy_to_spectrum", input: { energy: numbers, total } });
  return { spectrum: spectrumOf.parse(answer).singular_values, k, d, tau };
}

const verdicts: Record<Verdict, string> = {
  none: "training is predicted to hurt",
  full: "full fine-tuning is predicted to be better",
  lora: "LoRA is predicted to be better",
  tie: "too near to call; LoRA is the cheaper one",
};

function answerOf(context: CliContext, document: AdviceDocument): Answer {
  const rows = document.modules.map(({ module, shape, advice, uncertainty, flips }) => [
    module,
    shape[0],
    shape[1],
    advice.rank_rec,
    advice.rank_best,
    advice.verdict,
    advice.fft,
    advice.curve[String(advice.rank_rec)] ?? null,
    uncertainty.agreement,
    flips.n,
    flips.rho,
    document.budget?.ranks[module] ?? null,
  ]);
  const head =
    "module,outputs,inputs,rank_recommended,rank_best,verdict,risk_full,risk_recommended,agreement,flip_n,flip_rho,rank_budget";
  return { document, head: head.split(","), rows, text: (width) => lines(context, document, width) };
}

function lines(context: CliContext, document: AdviceDocument, width: number): string[] {
  const { total, question, validity, skipped, budget } = document;
  const rows = total.curve.map(({ r, risk, bias, variance }) => [
    String(r),
    `≈ ${formatSignificant(risk)}`,
    formatSignificant(bias),
    formatSignificant(variance),
  ]);
  const paragraph = (text: string): string[] => wrap(text, width, "  ");
  return [
    ...paragraph(
      `Rank ${total.rank_rec} (estimated), useful ${total.useful[0]}–${total.useful[1]}: ${verdicts[total.verdict]}.`,
    ),
    ...paragraph(
      `n ${question.n}, ρ ${question.rho} · ${formatNumberOf(total.modules, "module")} · confidence ${total.confidence}: ${total.why}`,
    ),
    ...flipLines(document).flatMap(paragraph),
    "",
    ...styledTable(context, ["rank", "relative risk", "signal missed", "noise fitted"].map(right), rows, width),
    `full fine-tuning ≈ ${formatSignificant(total.fft)}`,
    ...(budget ? ["", `Under ${question.budget} parameters: ${budget.used} used`, ...budgetLines(budget.ranks)] : []),
    ...confirmationLines(context, document, width),
    ...measuredLines(context, document, width),
    ...(skipped.length > 0
      ? ["", ...paragraph(`${formatNumberOf(skipped.length, "module")} left out: ${skipped[0]?.reason}`)]
      : []),
    "",
    ...validity.flatMap((sentence) => paragraph(`! ${sentence}`)),
  ];
}

/** Means over simulated data beside the curve of the same module, both relative to not training it, as all risks here. */
function confirmationLines(context: CliContext, { confirmation, modules }: AdviceDocument, width: number): string[] {
  const columns = ["rank", "relative risk", "simulated"].map(right);
  return (confirmation ?? []).flatMap(({ module, replicates, fft, lora }) => {
    const advice = modules.find((one) => one.module === module)?.advice;
    if (!advice) return [];
    const relative = (risk: number | undefined): string =>
      formatSignificant(risk === undefined ? undefined : risk / advice.E);
    const row = (rank: string, closed: number | undefined, { mean, se }: { mean: number; se: number }): string[] => [
      rank,
      `≈ ${relative(closed)}`,
      `${relative(mean)} ± ${relative(se)}`,
    ];
    const rows = [
      ...lora.map((one) => row(String(one.r), advice.curve[String(one.r)], one)),
      row("full", advice.fft, fft),
    ];
    return [
      "",
      ...wrap(`Simulated ${visibleText(module)}, ${formatNumberOf(replicates, "data set")}`, width, "  "),
      ...styledTable(context, columns, rows, width),
    ];
  });
}

const right = (title: string) => ({ title, align: "right" as const });

/** What the workspace has measured, also where it says the opposite. */
function measuredLines(context: CliContext, { measured }: AdviceDocument, width: number): string[] {
  if (!measured) return [];
  const columns = [
    { title: "run", align: "left" as const },
    ...["rank", "predicted", "measured", "accuracy", "95 %"].map(right),
  ];
  const rows = measured.rows.map(({ label, r, predictedOrder, measuredOrder, accuracy, ci95 }) => [
    label,
    r === null ? "full" : String(r),
    ...[predictedOrder, measuredOrder].map(String),
    formatAccuracy(accuracy),
    `${formatAccuracy(ci95[0])} – ${formatAccuracy(ci95[1])}`,
  ]);
  const said = [`Measured on ${visibleText(measured.task)}`, measured.sentence].flatMap((text) =>
    wrap(text, width, "  "),
  );
  return ["", ...said, ...styledTable(context, columns, rows, width)];
}

function flipLines({ modules }: AdviceDocument): string[] {
  const [only] = modules;
  if (modules.length !== 1 || !only) return [];
  const { n, rho } = only.flips;
  const samples = n === null ? "no number of samples in range" : `n ≈ ${Math.round(n)}`;
  const noise = rho === null ? "no ρ in range" : `ρ ≈ ${formatSignificant(rho)}`;
  return [`LoRA and full fine-tuning change places at ${samples}, and at ${noise}.`];
}

function budgetLines(ranks: Readonly<Record<string, number>>): string[] {
  return Object.entries(ranks).map(([module, rank]) => `  ${module}: ${rank}`);
}
