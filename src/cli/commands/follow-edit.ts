/** Runs one edit: progress on standard error, the document or its summary on standard output. */
import type { EditDocument, EditSpec } from "../../contract/domain/edit.ts";
import { DeltaScopeError } from "../../contract/errors.ts";
import { documentText } from "../../contract/json.ts";
import type { CliContext, EngineClient } from "../context.ts";
import { withEngine } from "../engine-session.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { withInterrupt } from "../interrupt.ts";
import { progressView } from "../terminal/progress.ts";
import { styleFor } from "../terminal/style.ts";
import { editText } from "../views/edit.ts";
import { bringSources } from "./bring-sources.ts";
import type { EditOptions } from "./edit-options.ts";

/** Width of text where the output is not a terminal. */
const plainWidth = 100;

/** @throws what the engine throws; `job.cancelled` after Ctrl-C, when nothing was written */
export async function runEdit(context: CliContext, spec: EditSpec, options: EditOptions): Promise<ExitCode> {
  const document = await withEngine(context, { workspace: options.workspace }, (client) =>
    withInterrupt(
      context,
      async (signal) => {
        const asked = { quiet: options.quiet ?? false, signal };
        return follow(context, client, await withBroughtSources(context, client, spec, asked), asked);
      },
      "Cancelling; nothing is written.",
    ),
  );
  const { stdout } = context;
  const text = options.json
    ? documentText(document)
    : editText(document, stdout.columns ?? plainWidth, styleFor(context, stdout));
  await stdout.write(text);
  return exitCodes.done;
}

async function withBroughtSources(
  context: CliContext,
  client: EngineClient,
  spec: EditSpec,
  options: { quiet: boolean; signal: AbortSignal },
): Promise<EditSpec> {
  const models = spec.edit === "average" ? spec.members : [spec.tuned];
  const at = await bringSources(context, client, [spec.base, ...models], options);
  if (spec.edit === "extract-lora") return { ...spec, base: at(spec.base), tuned: at(spec.tuned) };
  const base = spec.base === undefined ? {} : { base: at(spec.base) };
  if (spec.edit === "average") return { ...spec, ...base, members: spec.members.map(at) };
  return { ...spec, ...base, tuned: at(spec.tuned) };
}

async function follow(
  context: CliContext,
  client: EngineClient,
  spec: EditSpec,
  { quiet, signal }: { quiet: boolean; signal: AbortSignal },
): Promise<EditDocument> {
  const view = progressView(context.stderr, quiet);
  try {
    for await (const event of await client.edits.run(spec, { signal })) {
      if (event.type === "progress") view.show(event.progress);
      if (event.type === "finished") return event.document;
    }
    throw new DeltaScopeError("internal", "The edit ended without a result.");
  } catch (thrown) {
    throw signal.aborted
      ? new DeltaScopeError("job.cancelled", "The edit was cancelled; nothing was written.")
      : thrown;
  } finally {
    view.end();
  }
}
