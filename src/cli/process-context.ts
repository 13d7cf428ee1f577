/** The real streams, signals and engine of this process. */

import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import type { WriteStream } from "node:tty";
import { fileURLToPath } from "node:url";
import { DeltaScopeError } from "../contract/errors.ts";
import type { CliContext, TextOutput } from "./context.ts";

export function processContext(openEngine: CliContext["openEngine"]): CliContext {
  return {
    openEngine,
    stdout: textOutput(process.stdout, documentsLost),
    stderr: textOutput(process.stderr, notesLost),
    readSecret,
    environment: process.env,
    workingFolder: process.cwd(),
    appFolder: fileURLToPath(new URL("../../out/renderer", import.meta.url)),
    onInterrupt,
    endNow: (exitCode) => process.exit(exitCode),
  };
}

function textOutput(stream: WriteStream, lost: (error: Error) => Error | undefined): TextOutput {
  let failure: Error | undefined;
  // Each write hears of its own failure below; without a listener the first one would end the process.
  stream.on("error", (error) => {
    failure ??= error;
  });
  const write = (text: string) =>
    new Promise<void>((resolve, reject) => {
      const end = (error: Error | null | undefined) => {
        const told = error ? lost(failure ?? error) : undefined;
        if (told) reject(told);
        else resolve();
      };
      if (text === "") resolve();
      else if (failure) end(failure);
      else stream.write(text, end);
    });
  return {
    write,
    isTerminal: stream.isTTY === true,
    get columns() {
      return stream.isTTY ? stream.columns : undefined;
    },
  };
}

/** A reader that went away (EPIPE, as with `| head`) is no failure: the rest is dropped in silence. */
function documentsLost(error: Error & { code?: string }): Error | undefined {
  if (error.code === "EPIPE") return undefined;
  const reason = error.code ?? error.message;
  return new DeltaScopeError("output.unwritable", `Standard output cannot be written: ${reason}.`);
}

/** Where notes and errors cannot be written there is nobody to tell; the exit code still says it. */
function notesLost(): undefined {
  return undefined;
}

/** Shows nothing of what is typed. */
const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });

function readSecret(prompt: string): Promise<string> {
  const terminal = process.stdin.isTTY === true;
  if (terminal) process.stderr.write(prompt);
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal, historySize: 0 });
  return new Promise<string>((resolve, reject) => {
    lines.once("line", resolve);
    lines.once("SIGINT", () => reject(new DeltaScopeError("job.cancelled", "No token was typed.")));
    lines.once("close", () => resolve(""));
  }).finally(() => {
    lines.close();
    if (terminal) process.stderr.write("\n");
  });
}

function onInterrupt(listener: () => void): () => void {
  process.on("SIGINT", listener);
  process.on("SIGTERM", listener);
  return () => {
    process.off("SIGINT", listener);
    process.off("SIGTERM", listener);
  };
}
