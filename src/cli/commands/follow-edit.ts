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
import type { EditOptions } from "./edit-options.ts";

/** Width of text where the output is not a terminal. */
const plainWidth = 100;

/** @throws what the engine throws; `job.cancelled` after Ctrl-C, when nothing was written */
export async function runEdit(context: CliContext, spec: EditSpec, options: EditOptions): Promise<ExitCode> {
  const document = await withEngine(context, { workspace: options.workspace }, (client) =>
    withInterrupt(
      context,
      (signal) => follow(context, client, spec, { quiet: options.quiet ?? false, signal }),
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
