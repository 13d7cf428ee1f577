/** Files of a run folder that grow. The folder may be one of others. */
import { constants, openSync } from "node:fs";
import { outputError } from "../source/file-errors.ts";

const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;

/**
 * A descriptor to append to `file`: never through a link, which could lead to any file, and without waiting for the
 * reader of a pipe.
 * @throws DeltaScopeError `output.unwritable`
 */
export function openToAppend(file: string): number {
  try {
    return openSync(file, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o644);
  } catch (thrown) {
    throw outputError(thrown, file);
  }
}
