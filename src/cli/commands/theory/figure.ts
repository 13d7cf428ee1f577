/** `deltascope theory figure`: the paper's figures by name. */
import { Argument, type Command } from "commander";
import { type FigureDocument, type FigureName, figureName } from "../../../contract/domain/theory.ts";
import { DeltaScopeError } from "../../../contract/errors.ts";
import { formatSignificant } from "../../../contract/format.ts";
import { programVersion } from "../../../contract/version.ts";
import type { CliContext, EngineClient } from "../../context.ts";
import { type ExitCode, exitCodes } from "../../exit-codes.ts";
import { progressView } from "../../terminal/progress.ts";
import { countOption } from "./numbers.ts";
import { type Answer, answerWith, type OutputOptions, outputOptions, styledTable } from "./output.ts";

interface FigureOptions extends OutputOptions {
  replicates: number;
  seed: number;
}

/** Figures of two panels by their number: both, one after the other. */
const panels: Readonly<Record<string, readonly FigureName[]>> = { "1": ["1a", "1b"], "10": ["10a", "10b"] };

const examples = `
Examples:
  $ deltascope theory figure 1
  $ deltascope theory figure 12 --replicates 400 --out figure-12.csv`;

export function addFigure(theory: Command, context: CliContext, finish: (code: ExitCode) => void): void {
  const command = theory
    .command("figure")
    .summary("a figure of the paper: 1, 10 (or one panel: 1a, 1b, 10a, 10b), 11, 12, and power (ours)")
    .description("Simulates a figure of the paper and names the crossovers of LoRA with full fine-tuning.")
    .addArgument(new Argument("<name>", "which figure").choices([...Object.keys(panels), ...figureName.options]))
    .option("--replicates <count>", "simulated data sets at each point", countOption("--replicates", 100_000), 100)
    .option("--seed <seed>", "of the simulation", countOption("--seed", 2 ** 32 - 1), 1);
  outputOptions(command)
    .addHelpText("after", examples)
    .action(async (name: string, options: FigureOptions) => {
      const names = panels[name] ?? [figureName.parse(name)];
      await answerWith(context, options, async (client, signal) =>
        together(await followAll(context, client, names, options, signal)),
      );
      finish(exitCodes.done);
    });
}

async function followAll(
  context: CliContext,
  client: EngineClient,
  names: readonly FigureName[],
  options: FigureOptions,
  signal: AbortSignal,
): Promise<FigureAnswer[]> {
  const answers: FigureAnswer[] = [];
  for (const name of names) answers.push(answerOf(context, await follow(context, client, name, options, signal)));
  return answers;
}

interface FigureAnswer extends Answer {
  document: FigureDocument;
}

/** One panel is its own document; several are a list of documents. */
function together(answers: readonly FigureAnswer[]): Answer {
  const [first, ...others] = answers;
  if (!first) throw new DeltaScopeError("internal", "No figure was drawn.");
  if (others.length === 0) return first;
  return {
    document: {
      schema: "deltascope.theory.figures/1",
      version: programVersion,
      figures: answers.map(({ document }) => document),
    },
    head: first.head,
    rows: answers.flatMap(({ rows }) => rows),
    text: (width) => answers.flatMap((answer, index) => [...(index > 0 ? [""] : []), ...answer.text(width)]),
  };
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

function answerOf(context: CliContext, document: FigureDocument): FigureAnswer {
  const rows = document.series.flatMap(({ label, r, mean, sd, se, closed }) =>
    document.x.values.map((x, index) => [
      label,
      r,
      x,
      mean[index] ?? null,
      sd[index] ?? null,
      se[index] ?? null,
      closed[index] ?? null,
      document.name,
    ]),
  );
  return {
    document,
    head: ["series", "rank", "x", "mean", "sd", "se", "closed_form", "figure"],
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
