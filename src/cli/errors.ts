/** Failures as people and programs read them: one line, a tip line, and with --json a document. */
import { ORPCError } from "@orpc/client";
import { CommanderError } from "commander";
import { DeltaScopeError, type ErrorDocument, errorDocument, toDeltaScopeError } from "../contract/errors.ts";
import { documentText } from "../contract/json.ts";
import { messageAtPlace, visibleText } from "../contract/text.ts";
import type { CliContext } from "./context.ts";

/** Any thrown value as an error document; errors that crossed the contract carry theirs as data. */
export function errorDocumentOf(thrown: unknown): ErrorDocument {
  if (thrown instanceof CommanderError) return usageError(thrown.message).toDocument();
  if (thrown instanceof ORPCError) {
    const carried = errorDocument.safeParse(thrown.data);
    if (carried.success) return carried.data;
  }
  return toDeltaScopeError(thrown).toDocument();
}

function usageError(message: string): DeltaScopeError {
  const oneLine = message.replace(/^error: /, "").replace(/\s*\n\s*/g, " ");
  return new DeltaScopeError("usage.invalid", oneLine);
}

/**
 * `error <code>: message`, then the tip. Text from files cannot move the cursor.
 * @param run the run that the error ended, where several were asked for
 */
export function errorLines(error: ErrorDocument, run?: string): string {
  const message = visibleText((run === undefined ? "" : `${run}: `) + messageAtPlace(error));
  const tip = error.tip === undefined ? "" : `tip: ${visibleText(error.tip)}\n`;
  return `error ${error.code}: ${message}\n${tip}`;
}

export async function reportError(context: CliContext, error: ErrorDocument, json: boolean): Promise<void> {
  await context.stderr.write(errorLines(error));
  // The error may be that standard output cannot be written; the exit code says it all the same.
  if (json) await context.stdout.write(documentText({ error })).catch(() => undefined);
}
