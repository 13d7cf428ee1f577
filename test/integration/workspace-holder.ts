/**
 * Opens a workspace, notes the beginning and the end in a log, and ends as told:
 * "hold" until a signal, "handle" with a SIGTERM listener of its own, "exit" by itself, or after so many milliseconds.
 */
import { appendFileSync, writeSync } from "node:fs";
import { toDeltaScopeError } from "../../src/contract/errors.ts";
import { openWorkspace } from "../../src/engine/workspace/workspace.ts";

const [folder = "", log = "", ending = "hold"] = process.argv.slice(2);
if (ending === "handle") process.once("SIGTERM", () => process.exit(7));
try {
  const workspace = await openWorkspace(folder);
  appendFileSync(log, "begin\n");
  writeSync(1, "open\n");
  setTimeout(
    () => {
      appendFileSync(log, "end\n");
      if (ending !== "exit") workspace.release();
      process.exit(0);
    },
    ending === "exit" ? 0 : Number(ending) || 120_000,
  );
} catch (error) {
  writeSync(1, `${toDeltaScopeError(error).code}\n`);
}
