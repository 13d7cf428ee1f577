/** `deltascope hub`: how the Hugging Face Hub is reached from this machine. */
import type { Command } from "commander";
import type { CliContext } from "../../context.ts";
import type { ExitCode } from "../../exit-codes.ts";
import { addToken } from "./token.ts";

const examples = `
Examples:
  $ deltascope hub token set
  $ deltascope hub token status --json`;

export function addHub(program: Command, context: CliContext, finish: (code: ExitCode) => void): void {
  const hub = program
    .command("hub")
    .summary("the token for gated and private repositories of the Hugging Face Hub")
    .description("Keeps the Hub's token in the system's keychain, and says which one is used.")
    .addHelpText("after", examples);
  addToken(hub, context, finish);
}
