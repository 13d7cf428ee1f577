/** The real streams, signals and engine of this process. */
import type { WriteStream } from "node:tty";
import type { CliContext, TextOutput } from "./context.ts";

export function processContext(openEngine: CliContext["openEngine"]): CliContext {
  return {
    openEngine,
    stdout: textOutput(process.stdout),
    stderr: textOutput(process.stderr),
    environment: process.env,
    workingFolder: process.cwd(),
    onInterrupt,
    endNow: (exitCode) => process.exit(exitCode),
  };
}

/** A reader that went away (EPIPE, as with `| head`) is no failure: the rest is dropped in silence. */
function textOutput(stream: WriteStream): TextOutput {
  let closed = false;
  stream.on("error", () => {
    closed = true;
  });
  return {
    write: (text) =>
      new Promise((resolve) => {
        if (closed || text === "") resolve();
        else stream.write(text, () => resolve());
      }),
    isTerminal: stream.isTTY === true,
    get columns() {
      return stream.isTTY ? stream.columns : undefined;
    },
  };
}

function onInterrupt(listener: () => void): () => void {
  process.on("SIGINT", listener);
  process.on("SIGTERM", listener);
  return () => {
    process.off("SIGINT", listener);
    process.off("SIGTERM", listener);
  };
}
