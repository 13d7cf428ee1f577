/** `deltascope inspect`: what a path is, from headers and configuration only. */
import type { Command } from "commander";
import type { InspectDocument, Inspection } from "../../contract/domain/checkpoint.ts";
import { DeltaScopeError, type ErrorDocument } from "../../contract/errors.ts";
import { documentText } from "../../contract/json.ts";
import { programVersion } from "../../contract/version.ts";
import type { CliContext, EngineClient } from "../context.ts";
import { withEngine } from "../engine-session.ts";
import { errorDocumentOf, errorLines } from "../errors.ts";
import { type ExitCode, exitCodeOf, exitCodes } from "../exit-codes.ts";
import { withInterrupt } from "../interrupt.ts";
import { jsonOption, quietOption, workspaceOption } from "../options/lines.ts";
import { place } from "../options/place.ts";
import { styleFor } from "../terminal/style.ts";
import { inspectionText } from "../views/inspection.ts";

interface InspectOptions {
  workspace?: string;
  json?: boolean;
  quiet?: boolean;
}

interface Failure {
  path: string;
  error: ErrorDocument;
}

const plainWidth = 100;
const examples = `
Examples:
  $ deltascope inspect out/lora-r16
  $ deltascope inspect hf://Qwen/Qwen2.5-0.5B@main
  $ deltascope inspect --json Qwen2.5-0.5B out/full | jq '.items[].kind'`;

export function addInspect(program: Command, context: CliContext, finish: (code: ExitCode) => void): void {
  program
    .command("inspect")
    .summary("what a checkpoint or adapter is, from its headers only")
    .description("Says what each path is: kind, architecture, parameters, dtype, adapter settings, tensors by role.")
    .argument(
      "<path...>",
      "folder, safetensors file or Hub id; what is not on this machine is read from the Hub, headers only",
    )
    .option(...workspaceOption)
    .option(...jsonOption("the inspect document"))
    .option(...quietOption)
    .addHelpText("after", examples)
    .action(async (paths: string[], options: InspectOptions) => finish(await inspect(context, paths, options)));
}

async function inspect(context: CliContext, paths: readonly string[], options: InspectOptions): Promise<ExitCode> {
  const items: Inspection[] = [];
  const errors: Failure[] = [];
  await withEngine(context, { workspace: options.workspace }, (client) =>
    withInterrupt(context, (signal) => inspectAll(context, client, paths, { items, errors, signal }), "Cancelling."),
  );
  for (const { error } of errors) await context.stderr.write(errorLines(error));
  await context.stdout.write(options.json ? jsonText(items, errors) : text(context, items));
  const first = errors[0];
  return first === undefined ? exitCodes.done : exitCodeOf(first.error.code);
}

async function inspectAll(
  context: CliContext,
  client: EngineClient,
  paths: readonly string[],
  { items, errors, signal }: { items: Inspection[]; errors: Failure[]; signal: AbortSignal },
): Promise<void> {
  for (const path of paths) {
    try {
      items.push(await client.inspect({ path: place(path, context.workingFolder) }, { signal }));
    } catch (thrown) {
      if (signal.aborted) throw new DeltaScopeError("job.cancelled", "Inspecting was cancelled.");
      errors.push({ path, error: errorDocumentOf(thrown) });
    }
  }
}

/** When nothing could be opened the one failure is the document. */
function jsonText(items: Inspection[], errors: Failure[]): string {
  const [only] = errors;
  if (items.length === 0 && errors.length === 1 && only) return documentText({ error: only.error });
  const document: InspectDocument = { schema: "deltascope.inspect/1", version: programVersion, items, errors };
  return documentText(document);
}

function text(context: CliContext, items: readonly Inspection[]): string {
  const width = context.stdout.columns ?? plainWidth;
  const style = styleFor(context, context.stdout);
  return items.map((item) => inspectionText(item, width, style)).join("\n");
}
