/** What is asked of a trainer: one line on its standard input, or in its file of requests. */
import { closeSync, writeSync } from "node:fs";
import { outputError } from "../source/file-errors.ts";
import { openToAppend } from "./append.ts";
import { protocolVersion } from "./protocol.ts";

export type Request = { type: "cancel"; save: boolean } | { type: "checkpoint" };

export function requestLine(request: Request): string {
  return `${JSON.stringify({ v: protocolVersion, ...request })}\n`;
}

/** @throws DeltaScopeError `output.unwritable` */
export function appendRequest(file: string, request: Request): void {
  try {
    const handle = openToAppend(file);
    try {
      writeSync(handle, requestLine(request));
    } finally {
      closeSync(handle);
    }
  } catch (thrown) {
    throw outputError(thrown, file);
  }
}
