/** Entry of the command line. The engine is loaded by the first command that needs it, so that --help is instant. */
import { exitCodes } from "./exit-codes.ts";
import { processContext } from "./process-context.ts";
import { runCommandLine } from "./program.ts";

const context = processContext(async (options) => {
  const { openEngine } = await import("../engine/engine.ts");
  return openEngine(options);
});

// The starter was killed: nobody waits for an answer, and a run that went on unseen would keep the workspace locked.
process.on("disconnect", () => process.exit(exitCodes.cancelled));

process.exit(await runCommandLine(process.argv.slice(2), context));
