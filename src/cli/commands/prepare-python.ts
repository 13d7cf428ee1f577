/** Makes the managed Python environment: the installer's lines on standard error. */
import { DeltaScopeError } from "../../contract/errors.ts";
import { visibleText } from "../../contract/text.ts";
import type { CliContext, EngineClient } from "../context.ts";
import { withInterrupt } from "../interrupt.ts";

/** @throws what the engine throws; `job.cancelled` after Ctrl-C, when the environment is as it was */
export function preparePython(context: CliContext, client: EngineClient): Promise<void> {
  return withInterrupt(context, (signal) => follow(context, client, signal), "Cancelling; nothing is changed.");
}

async function follow(context: CliContext, client: EngineClient, signal: AbortSignal): Promise<void> {
  try {
    for await (const event of await client.training.prepare(undefined, { signal })) {
      if (event.type === "progress") await context.stderr.write(`${event.step}: ${visibleText(event.line)}\n`);
    }
  } catch (thrown) {
    throw signal.aborted
      ? new DeltaScopeError("job.cancelled", "Making the environment was cancelled; what stood there stays.")
      : thrown;
  }
}
