/** Ctrl-C: the first cancels and lets finished units be written, the second ends the process at once. */
import type { CliContext } from "./context.ts";
import { exitCodes } from "./exit-codes.ts";

export async function withInterrupt<Result>(
  context: CliContext,
  work: (signal: AbortSignal) => Promise<Result>,
  note = "Cancelling; finished modules are kept.",
): Promise<Result> {
  const controller = new AbortController();
  const stop = context.onInterrupt(() => {
    if (controller.signal.aborted) {
      context.endNow(exitCodes.cancelled);
      return;
    }
    controller.abort();
    void context.stderr.write(`\n${note} Press Ctrl-C again to end at once.\n`);
  });
  try {
    return await work(controller.signal);
  } finally {
    stop();
  }
}
