/** Where answers of the theory commands go: a table for people, one document, or a file by its ending. */
import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { DeltaScopeError } from "../../../contract/errors.ts";
import { documentText } from "../../../contract/json.ts";
import type { CliContext } from "../../context.ts";
import { jsonOption, quietOption } from "../../options/lines.ts";
import { usageError } from "../../options/numbers.ts";
import { styleFor } from "../../terminal/style.ts";
import { type Column, tableLines } from "../../terminal/table.ts";

export interface OutputOptions {
  json?: boolean;
  out?: string;
  overwrite?: boolean;
}

/** Rows of a table as they stand in CSV: full precision, a head line. */
export interface Answer {
  document: unknown;
  head: readonly string[];
  rows: readonly (readonly (string | number | null)[])[];
  /** Lines for people. */
  text(width: number): string[];
}

const plainWidth = 100;

export async function printAnswer(context: CliContext, answer: Answer, options: OutputOptions): Promise<void> {
  const { stdout } = context;
  if (options.out !== undefined) await writeAnswer(resolve(context.workingFolder, options.out), answer, options);
  if (options.json) await stdout.write(documentText(answer.document));
  else if (options.out === undefined) await stdout.write(`${answer.text(stdout.columns ?? plainWidth).join("\n")}\n`);
}

async function writeAnswer(file: string, answer: Answer, { overwrite }: OutputOptions): Promise<void> {
  const ending = /\.(json|csv)$/i.exec(file)?.[1]?.toLowerCase();
  if (ending === undefined) throw usageError(`--out "${file}" must end in .json or .csv.`);
  const text = ending === "json" ? documentText(answer.document) : csvText(answer);
  await writeFile(file, text, { flag: overwrite ? "w" : "wx" }).catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === "EEXIST") throw new DeltaScopeError("output.exists", `${file} exists already.`, file);
    throw new DeltaScopeError("output.unwritable", `${file} cannot be written: ${thrown.message}`, file);
  });
}

function csvText({ head, rows }: Answer): string {
  const cell = (value: string | number | null): string => {
    const text = value === null ? "" : String(value);
    return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return `${[head, ...rows].map((row) => row.map(cell).join(",")).join("\n")}\n`;
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
    .option("--overwrite", "replace an existing file")
    .option(...quietOption);
}
