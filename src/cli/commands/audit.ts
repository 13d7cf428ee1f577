/** `deltascope audit`: what fine-tunes forgot, whether that is more than noise, and what scaling their intruders does. */
import { existsSync } from "node:fs";
import type { Command } from "commander";
import type { ItemDetail } from "../../contract/api.ts";
import type { AuditDocument, AuditSpec } from "../../contract/domain/audit.ts";
import { documentText } from "../../contract/json.ts";
import { visibleText } from "../../contract/text.ts";
import type { CliContext, EngineClient } from "../context.ts";
import { withEngine } from "../engine-session.ts";
import { errorDocumentOf, errorLines } from "../errors.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { auditFields, auditQuantities } from "../fail-on/audit-fields.ts";
import { type Gate, judge, openGate } from "../fail-on/gate.ts";
import { withInterrupt } from "../interrupt.ts";
import { type OutFile, parseOut } from "../options/out.ts";
import { withReadyMade } from "../options/ready-made.ts";
import { styleFor } from "../terminal/style.ts";
import { auditText } from "../views/audit.ts";
import {
  type AuditOptions,
  addAuditOptions,
  addAuditOutputOptions,
  addScoringOptions,
  auditSpecOf,
} from "./audit-options.ts";
import { withBroughtModels } from "./bring-sources.ts";
import { followAudit } from "./follow-audit.ts";

/** Width of tables where the output is not a terminal. */
const plainWidth = 110;
/** Items that a page shows in full. */
const shownFlips = 10;

const examples = `
Examples:
  $ deltascope audit --base demo/base --tuned demo/fft demo/lora-r4 \\
      --task demo/tasks/compare.jsonl --retain demo/tasks/facts.jsonl demo/tasks/arithmetic.jsonl
  $ deltascope audit --base Qwen2.5-0.5B --tuned lora=out/lora-r16 --retain boolq=validation.parquet \\
      --lambda 1,.9,.7,.5,.3 --arms scale,step --out audit.html --fail-on 'forgetting > 5'

Fields of --fail-on, for each run as trained, in percentage points: forgetting (old tasks pooled, positive is loss),
forgettingLow, forgettingHigh (ends of its 95 % interval), newTask; claimedLosses (old tasks lost with Holm p < 0.05);
largest over its old tasks: task.forgetting, task.chanceAdjusted, task.lost, task.bitsPerByte; smallest: task.adjustedP.
"LABEL:field" looks at one run only. Join with and, or, parentheses.`;

export function addAudit(program: Command, context: CliContext, finish: (code: ExitCode) => void): void {
  const command = program
    .command("audit")
    .summary("what fine-tunes forgot: paired statistics, flips, λ sweep with control arms")
    .description("Scores base and fine-tunes on new and old tasks and compares them item by item.");
  addAuditOutputOptions(addScoringOptions(addAuditOptions(command)))
    .addHelpText("after", examples)
    .action(async (options: AuditOptions) => {
      finish(await audit(context, auditSpecOf(options, context.workingFolder), options));
    });
}

async function audit(context: CliContext, asked: AuditSpec, options: AuditOptions): Promise<ExitCode> {
  const { quiet = false, overwrite = false } = options;
  const outFiles = parseOut(options.out ?? [], { workingFolder: context.workingFolder, overwrite, formats });
  const labels = asked.tuned.map(({ label }) => label);
  const gate = await openGate(context, options.failOn, { labels, fields: auditFields });
  return withEngine(context, { workspace: options.workspace }, async (client) => {
    const tasks = withReadyMade(asked.tasks, await client.evaluation.tasks(), existsSync);
    const follow = async (signal: AbortSignal) => {
      const brought = { ...(await withBroughtModels(context, client, asked, { quiet, signal })), tasks };
      return { spec: brought, document: await followAudit(context, client, brought, { quiet, signal }) };
    };
    const { spec, document } = await withInterrupt(context, follow, "Cancelling; answers so far are kept.");
    await printAudit(context, document, options.json ?? false);
    const written = await writeFiles(context, client, { spec, document, files: outFiles }, { overwrite, quiet });
    const code = await conclude(context, document, gate, labels);
    return written || code !== exitCodes.done ? code : exitCodes.failed;
  });
}

const formats = ["json", "csv", "html"] as const;
type AuditFile = OutFile<(typeof formats)[number]>;

async function printAudit(context: CliContext, document: AuditDocument, json: boolean): Promise<void> {
  const { stdout } = context;
  const text = json
    ? documentText(document)
    : auditText(document, stdout.columns ?? plainWidth, styleFor(context, stdout));
  await stdout.write(text);
}

/** A file that cannot be written is said on standard error, where it spoils no document; the others are written. */
async function writeFiles(
  context: CliContext,
  client: EngineClient,
  { spec, document, files }: { spec: AuditSpec; document: AuditDocument; files: readonly AuditFile[] },
  { overwrite, quiet }: { overwrite: boolean; quiet: boolean },
): Promise<boolean> {
  let complete = true;
  for (const { file, format } of files) {
    try {
      const examples = format === "html" ? await flipExamples(client, spec, document) : [];
      await client.audit.export({ document, examples, format, file, overwrite });
      if (!quiet) await context.stderr.write(`Wrote ${visibleText(file)}\n`);
    } catch (thrown) {
      complete = false;
      await context.stderr.write(errorLines(errorDocumentOf(thrown)));
    }
  }
  return complete;
}

/** The items that the runs as trained changed most, in full; one that cannot be read is left out. */
async function flipExamples(client: EngineClient, spec: AuditSpec, { flips }: AuditDocument): Promise<ItemDetail[]> {
  const trained = flips.filter(({ lambda, nearTie }) => lambda === 1 && !nearTie);
  const largest = trained.toSorted((one, other) => Math.abs(other.goldChange) - Math.abs(one.goldChange));
  const items = new Map(largest.map(({ task, index }) => [`${index} ${task}`, { task, index }]));
  const question = { ...spec, lambdas: [] };
  const details = [...items.values()]
    .slice(0, shownFlips)
    .map((item) => client.audit.item({ ...question, ...item }).catch(() => undefined));
  return (await Promise.all(details)).filter((detail) => detail !== undefined);
}

/** A gate that holds outweighs runs that could not be scored: what was measured already says no. */
async function conclude(
  context: CliContext,
  document: AuditDocument,
  gate: Gate | undefined,
  labels: readonly string[],
): Promise<ExitCode> {
  for (const { label, error } of document.failures) await context.stderr.write(errorLines(error, label));
  const verdict = gate === undefined ? "passed" : await judge(context, gate, auditQuantities(document, labels));
  if (verdict === "exceeded") return exitCodes.gateExceeded;
  const incomplete = verdict === "undecidable" || document.failures.length > 0;
  return incomplete ? exitCodes.failed : exitCodes.done;
}
