/** Ctrl-C: the first cancels and lets finished units be written, the second ends the process at once. */
import type { CliContext } from "./context.ts";
import { exitCodes } from "./exit-codes.ts";

/** A terminal signals the whole process group and the starter passes its signal on: one key press can arrive twice. */
const onePressMilliseconds = 250;

export async function withInterrupt<Result>(
  context: CliContext,
  work: (signal: AbortSignal) => Promise<Result>,
  note = "Cancelling; finished modules are kept.",
): Promise<Result> {
  const controller = new AbortController();
  let pressedAt = 0;
  const stop = context.onInterrupt(() => {
    if (controller.signal.aborted) {
      if (performance.now() - pressedAt > onePressMilliseconds) context.endNow(exitCodes.cancelled);
      return;
    }
    pressedAt = performance.now();
    controller.abort();
    void context.stderr.write(`\n${note} Press Ctrl-C again to end at once.\n`);
  });
  try {
    return await work(controller.signal);
  } finally {
    stop();
  }
}
