/** Where answers of the theory commands go: a table for people, one document, or a file by its ending. */
import type { TheoryDocument } from "../../../contract/api.ts";
import { documentText } from "../../../contract/json.ts";
import { visibleText } from "../../../contract/text.ts";
import type { CliContext, EngineClient } from "../../context.ts";
import { withEngine } from "../../engine-session.ts";
import { withInterrupt } from "../../interrupt.ts";
import { jsonOption, overwriteOption, quietOption } from "../../options/lines.ts";
import { type OutFile, parseOut } from "../../options/out.ts";
import { styleFor } from "../../terminal/style.ts";
import { type Column, tableLines } from "../../terminal/table.ts";

export interface OutputOptions {
  json?: boolean;
  out?: string;
  overwrite?: boolean;
  quiet?: boolean;
  workspace?: string;
}

/** Rows of a table as they stand in CSV: full precision, a head line. */
export interface Answer {
  document: TheoryDocument;
  head: readonly string[];
  rows: readonly (readonly (string | number | null)[])[];
  /** Lines for people. */
  text(width: number): string[];
}

const plainWidth = 100;
const formats = ["json", "csv"] as const;

/** Asks the engine and puts its answer where the options say; a place that cannot be written is refused before the work. */
export async function answerWith(
  context: CliContext,
  options: OutputOptions,
  ask: (client: EngineClient, signal: AbortSignal) => Promise<Answer>,
): Promise<void> {
  const { overwrite = false, out, workspace } = options;
  const values = out === undefined ? [] : [out];
  const [file] = parseOut(values, { workingFolder: context.workingFolder, overwrite, formats });
  await withEngine(context, { workspace }, async (client) => {
    const answer = await withInterrupt(context, (signal) => ask(client, signal), "Cancelling.");
    if (file) await writeAnswer(context, client, answer, { file, overwrite, quiet: options.quiet ?? false });
    await printAnswer(context, answer, options);
  });
}

async function printAnswer({ stdout }: CliContext, answer: Answer, { json, out }: OutputOptions): Promise<void> {
  if (json) await stdout.write(documentText(answer.document));
  else if (out === undefined) await stdout.write(`${answer.text(stdout.columns ?? plainWidth).join("\n")}\n`);
}

interface Target {
  file: OutFile<(typeof formats)[number]>;
  overwrite: boolean;
  quiet: boolean;
}

async function writeAnswer(
  { stderr }: CliContext,
  client: EngineClient,
  { document, head, rows }: Answer,
  { file: { file, format }, overwrite, quiet }: Target,
): Promise<void> {
  const table = [head, ...rows].map((row) => [...row]);
  const content = format === "json" ? { format, document } : { format, rows: table };
  await client.theory.export({ content, file, overwrite });
  if (!quiet) await stderr.write(`Wrote ${visibleText(file)}\n`);
}

/** A table with its head dimmed. */
export function styledTable(
  context: CliContext,
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
): string[] {
  const [head = "", ...lines] = tableLines(columns, rows, width);
  return [styleFor(context, context.stdout).dim(head), ...lines];
}

export function outputOptions<Options extends { option(flags: string, description: string): Options }>(
  command: Options,
): Options {
  return command
    .option(...jsonOption())
    .option("--out <file>", "write a .json or .csv file")
    .option(...overwriteOption)
    .option(...quietOption);
}
