/** `deltascope theory batch`: every formula by JSON lines. */
import { open } from "node:fs/promises";
import { resolve } from "node:path";
import type { Command } from "commander";
import { z } from "zod";
import { DeltaScopeError, type ErrorDocument } from "../../../contract/errors.ts";
import { documentText, parsedJson } from "../../../contract/json.ts";
import type { CliContext, EngineClient } from "../../context.ts";
import { withEngine } from "../../engine-session.ts";
import { errorDocumentOf } from "../../errors.ts";
import { type ExitCode, exitCodes } from "../../exit-codes.ts";
import { withInterrupt } from "../../interrupt.ts";

/** All cases of the golden file have some hundred kilobytes. */
const mostBytes = 64e6;
const examples = `
Example:
  $ echo '{"id":"a","kind":"fft_risk","in":{"k":100,"d":100,"n":1000,"sigma":12,"delta_energy":1e4}}' > cases.jsonl
  $ deltascope theory batch cases.jsonl`;

const question = z.object({ id: z.union([z.string(), z.number()]), kind: z.string(), in: z.unknown() });
type Case = { id: string | number | null; out: unknown } | { id: string | number | null; error: ErrorDocument };

export function addBatch(theory: Command, context: CliContext, finish: (code: ExitCode) => void): void {
  theory
    .command("batch")
    .summary("answers questions in JSON lines, one formula each")
    .description('Reads lines of {"id", "kind", "in"} and prints {"cases": [{"id", "out"} or {"id", "error"}]}.')
    .argument("<file>", "JSON lines")
    .option("--json", "print one JSON document (always so)")
    .option("--quiet", "no notes on standard error")
    .addHelpText("after", examples)
    .action(async (file: string) => {
      const lines = await readLines(resolve(context.workingFolder, file));
      const cases = await withInterrupt(
        context,
        (signal) => withEngine(context, {}, (client) => answers(client, lines, signal)),
        "Cancelling.",
      );
      await context.stdout.write(documentText({ cases }));
      finish(cases.some((answer) => "error" in answer) ? exitCodes.failed : exitCodes.done);
    });
}

async function readLines(file: string): Promise<string[]> {
  const handle = await open(file, "r").catch(() => {
    throw new DeltaScopeError("source.not-found", `${file} cannot be read.`, file);
  });
  try {
    const { size } = await handle.stat();
    if (size > mostBytes)
      throw new DeltaScopeError("theory.invalid", `${file} has ${size} bytes, ${mostBytes} are possible.`, file);
    return (await handle.readFile("utf8")).split("\n").filter((line) => line.trim() !== "");
  } finally {
    await handle.close();
  }
}

async function answers(client: EngineClient, lines: readonly string[], signal: AbortSignal): Promise<Case[]> {
  const cases: Case[] = [];
  for (const [index, line] of lines.entries()) cases.push(await answerOf(client, line, index + 1, signal));
  return cases;
}

/** One bad line never ends the others. */
async function answerOf(client: EngineClient, line: string, number: number, signal: AbortSignal): Promise<Case> {
  const parsed = question.safeParse(parsedJson(line));
  if (!parsed.success) {
    const error = new DeltaScopeError("theory.invalid", `Line ${number} is no question with id, kind and in.`);
    return { id: null, error: error.toDocument() };
  }
  const { id, kind, in: input } = parsed.data;
  try {
    return { id, out: await client.theory.ask({ kind, input }, { signal }) };
  } catch (thrown) {
    if (signal.aborted) throw thrown;
    return { id, error: errorDocumentOf(thrown) };
  }
}
