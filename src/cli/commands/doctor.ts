/** `deltascope doctor`: what this machine has and lacks, each with a remedy. */
import type { Command } from "commander";
import type { DoctorDocument } from "../../contract/documents.ts";
import { documentText } from "../../contract/json.ts";
import { programVersion } from "../../contract/version.ts";
import type { CliContext } from "../context.ts";
import { withEngine } from "../engine-session.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { jsonOption, quietOption, workspaceOption } from "../options/lines.ts";
import { styleFor } from "../terminal/style.ts";
import { doctorText } from "../views/doctor.ts";
import { preparePython } from "./prepare-python.ts";

interface DoctorOptions {
  workspace?: string;
  json?: boolean;
  preparePython?: boolean;
}

const plainWidth = 100;
const examples = `
Examples:
  $ deltascope doctor
  $ deltascope doctor --prepare-python`;

export function addDoctor(program: Command, context: CliContext, finish: (code: ExitCode) => void): void {
  program
    .command("doctor")
    .summary("checks Node, the native addon, the workspace and what is optional")
    .description("Checks what DeltaScope needs on this machine; ends with 1 when something necessary is missing.")
    .option(...workspaceOption)
    .option("--prepare-python", "first make the Python environment for fine-tunes with uv (6 GB on Linux)")
    .option(...jsonOption())
    .option(...quietOption)
    .addHelpText("after", examples)
    .action(async (options: DoctorOptions) => finish(await doctor(context, options)));
}

async function doctor(
  context: CliContext,
  { workspace, json, preparePython: prepare }: DoctorOptions,
): Promise<ExitCode> {
  const checks = await withEngine(context, { workspace }, async (client) => {
    if (prepare) await preparePython(context, client);
    return client.doctor();
  });
  const document: DoctorDocument = { schema: "deltascope.doctor/1", version: programVersion, checks };
  const { stdout } = context;
  const text = json
    ? documentText(document)
    : doctorText(checks, stdout.columns ?? plainWidth, styleFor(context, stdout));
  await stdout.write(text);
  return checks.some(({ status }) => status === "missing") ? exitCodes.failed : exitCodes.done;
}
