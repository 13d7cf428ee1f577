/** What is asked of a trainer: one line on its standard input, or in its file of requests. */
import { closeSync, constants, openSync, writeSync } from "node:fs";
import { outputError } from "../source/file-errors.ts";
import { protocolVersion } from "./protocol.ts";

export type Request = { type: "cancel"; save: boolean } | { type: "checkpoint" };

export function requestLine(request: Request): string {
  return `${JSON.stringify({ v: protocolVersion, ...request })}\n`;
}

/** Never through a link, which a run folder of others may hold. @throws DeltaScopeError `output.unwritable` */
export function appendRequest(file: string, request: Request): void {
  const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW = 0 } = constants;
  try {
    const handle = openSync(file, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, 0o644);
    try {
      writeSync(handle, requestLine(request));
    } finally {
      closeSync(handle);
    }
  } catch (thrown) {
    throw outputError(thrown, file);
  }
}
