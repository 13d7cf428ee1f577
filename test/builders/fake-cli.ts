/** The real command line over a fake engine, as a process of its own. FAKE_ANSWERS holds JSON: the fake's simple switches. */
import { processContext } from "../../src/cli/process-context.ts";
import { runCommandLine } from "../../src/cli/program.ts";
import { fakeEngine } from "./fake-engine.ts";

const answers = JSON.parse(process.env.FAKE_ANSWERS ?? "{}") as { waitForCancel?: boolean };
process.exit(await runCommandLine(process.argv.slice(2), processContext(fakeEngine(answers))));
