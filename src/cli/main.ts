/** Entry of the command line. The engine is loaded by the first command that needs it, so that --help is instant. */
import { processContext } from "./process-context.ts";
import { runCommandLine } from "./program.ts";

const context = processContext(async (options) => {
  const { openEngine } = await import("../engine/engine.ts");
  return openEngine(options);
});

process.exit(await runCommandLine(process.argv.slice(2), context));
