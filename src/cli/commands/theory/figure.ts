/** `deltascope theory figure`: the paper's figures by name. */
import { Argument, type Command } from "commander";
import { type FigureDocument, type FigureName, figureName } from "../../../contract/domain/theory.ts";
import { DeltaScopeError } from "../../../contract/errors.ts";
import { formatSignificant } from "../../../contract/format.ts";
import type { CliContext, EngineClient } from "../../context.ts";
import { withEngine } from "../../engine-session.ts";
import { type ExitCode, exitCodes } from "../../exit-codes.ts";
import { withInterrupt } from "../../interrupt.ts";
import { progressView } from "../../terminal/progress.ts";
import { countOption } from "./numbers.ts";
import { type Answer, type OutputOptions, outputOptions, printAnswer, styledTable } from "./output.ts";

interface FigureOptions extends OutputOptions {
  replicates: number;
  seed: number;
  quiet?: boolean;
}

const examples = `
Examples:
  $ deltascope theory figure 1a
  $ deltascope theory figure 12 --replicates 400 --out figure-12.csv`;

export function addFigure(theory: Command, context: CliContext, finish: (code: ExitCode) => void): void {
  const command = theory
    .command("figure")
    .summary("a figure of the paper: 1a, 1b, 10a, 10b, 11, 12, and power (ours)")
    .description("Simulates a figure of the paper and names the crossovers of LoRA with full fine-tuning.")
    .addArgument(new Argument("<name>", "which figure").choices(figureName.options))
    .option("--replicates <count>", "simulated data sets at each point", countOption("--replicates", 100_000), 100)
    .option("--seed <seed>", "of the simulation", countOption("--seed", 2 ** 32 - 1), 1);
  outputOptions(command)
    .addHelpText("after", examples)
    .action(async (name: FigureName, options: FigureOptions) => {
      const document = await withInterrupt(
        context,
        (signal) => withEngine(context, {}, (client) => follow(context, client, name, options, signal)),
        "Cancelling.",
      );
      await printAnswer(context, answerOf(context, document), options);
      finish(exitCodes.done);
    });
}

async function follow(
  context: CliContext,
  client: EngineClient,
  name: FigureName,
  { replicates, seed, quiet }: FigureOptions,
  signal: AbortSignal,
): Promise<FigureDocument> {
  const view = progressView(context.stderr, quiet ?? false);
  const started = performance.now();
  let last: FigureDocument | undefined;
  try {
    for await (const { document, done, total } of await client.theory.figure({ name, replicates, seed }, { signal })) {
      last = document;
      const elapsedSeconds = (performance.now() - started) / 1000;
      const remainingSeconds = done > 0 ? (elapsedSeconds / done) * (total - done) : undefined;
      view.show({ phase: "simulate", done, total, unit: "replicates", elapsedSeconds, remainingSeconds });
    }
  } finally {
    view.end();
  }
  if (last) return last;
  throw new DeltaScopeError("internal", "The figure ended without a result.");
}

function answerOf(context: CliContext, document: FigureDocument): Answer {
  const rows = document.series.flatMap(({ label, r, mean, sd, se, closed }) =>
    document.x.values.map((x, index) => [
      label,
      r,
      x,
      mean[index] ?? null,
      sd[index] ?? null,
      se[index] ?? null,
      closed[index] ?? null,
    ]),
  );
  return {
    document,
    head: ["series", "rank", "x", "mean", "sd", "se", "closed_form"],
    rows,
    text: (width) => lines(context, document, width),
  };
}

function lines(
  context: CliContext,
  { title, x, series, crossovers, replicates, chosen }: FigureDocument,
  width: number,
): string[] {
  const columns = [x.label, ...series.map(({ label }) => label)].map((heading) => ({
    title: heading,
    align: "right" as const,
  }));
  const values = series.map(({ mean, closed }) => (mean.length > 0 ? mean : closed));
  const rows = x.values.map((value, index) => [
    formatSignificant(value),
    ...values.map((line) => formatSignificant(line[index] ?? null)),
  ]);
  const found = crossovers.map(
    ({ r, x: place, se }) =>
      `  LoRA r ${r} and full fine-tuning meet at ${formatSignificant(place)}${se === null ? "" : ` ± ${formatSignificant(se)}`}`,
  );
  return [
    title,
    replicates > 0 ? `means of ${replicates} simulated data sets at each point` : "closed forms and fast curves",
    ...chosen.map((name) => `${name} is chosen by us: the paper does not state it`),
    "",
    ...styledTable(context, columns, rows, width),
    "",
    ...(found.length > 0 ? ["Crossovers:", ...found] : ["No crossover on this grid."]),
  ];
}
