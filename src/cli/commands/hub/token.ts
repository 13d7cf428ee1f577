/** `deltascope hub token`: the Hub's token in the system's keychain; it comes in by standard input and never goes out. */
import type { Command } from "commander";
import type { HubTokenDocument } from "../../../contract/documents.ts";
import type { HubAccount, HubTokenStatus } from "../../../contract/domain/hub.ts";
import { documentText } from "../../../contract/json.ts";
import { visibleText } from "../../../contract/text.ts";
import { programVersion } from "../../../contract/version.ts";
import type { CliContext, EngineClient } from "../../context.ts";
import { withEngine } from "../../engine-session.ts";
import { type ExitCode, exitCodes } from "../../exit-codes.ts";
import { withInterrupt } from "../../interrupt.ts";
import { jsonOption, quietOption, workspaceOption } from "../../options/lines.ts";
import { usageError } from "../../options/numbers.ts";

interface TokenOptions {
  workspace?: string;
  json?: boolean;
}

interface Answer {
  status: HubTokenStatus;
  account?: HubAccount;
}

const examples = `
Examples:
  $ deltascope hub token set
  $ deltascope hub token set < token.txt
  $ deltascope hub token check

HF_TOKEN goes first, then the keychain (macOS, Windows, or a Secret Service such as gnome-keyring), then the file that
\`hf auth login\` writes. The keychain keeps one token for each HF_ENDPOINT, which is sent nowhere else.
DELTASCOPE_KEYCHAIN=off leaves it alone.`;

const verbs: Record<string, { summary: string; work: (context: CliContext, client: EngineClient) => Promise<Answer> }> =
  {
    status: {
      summary: "which token is used, and where it comes from",
      work: async (_, client) => ({ status: await client.hub.token.status() }),
    },
    set: {
      summary: "keeps the token of standard input in the keychain",
      work: async (context, client) => ({ status: await client.hub.token.set({ token: await tokenOf(context) }) }),
    },
    remove: {
      summary: "takes the token out of the keychain",
      work: async (_, client) => ({ status: await client.hub.token.remove() }),
    },
    check: {
      summary: "asks the Hub whose the token is",
      work: async (context, client) => {
        const account = await withInterrupt(
          context,
          (signal) => client.hub.token.check(undefined, { signal }),
          "Stopping.",
        );
        return { status: await client.hub.token.status(), account };
      },
    },
  };

export function addToken(hub: Command, context: CliContext, finish: (code: ExitCode) => void): void {
  const token = hub
    .command("token")
    .summary("status, set, remove and check")
    .description("The token that opens gated and private repositories.")
    .addHelpText("after", examples);
  for (const [name, { summary, work }] of Object.entries(verbs)) {
    token
      .command(name)
      .summary(summary)
      .description(`${summary[0]?.toUpperCase()}${summary.slice(1)}.`)
      .option(...workspaceOption)
      .option(...jsonOption("the token document, without the token"))
      .option(...quietOption)
      // Commander would repeat what is too much: a token that was typed as a word.
      .allowExcessArguments()
      .addHelpText("after", `\nExample:\n  $ deltascope hub token ${name}`)
      .action(async ({ workspace, json }: TokenOptions, { args }: Command) => {
        if (args.length > 0) throw usageError(`"hub token ${name}" takes no words; a token comes by standard input.`);
        const answer = await withEngine(context, { workspace }, (client) => work(context, client));
        await context.stdout.write(json ? jsonText(answer) : textOf(answer));
        finish(exitCodes.done);
      });
  }
}

async function tokenOf(context: CliContext): Promise<string> {
  const token = (await context.readSecret("Token (it is not shown): ")).trim();
  if (token !== "") return token;
  throw usageError("Standard input holds no token: type it, or name a file with `< token.txt`.");
}

function jsonText({ status, account }: Answer): string {
  const document: HubTokenDocument = {
    ...{ schema: "deltascope.hub-token/1", version: programVersion },
    ...status,
    account: account ?? null,
  };
  return documentText(document);
}

const places = { environment: "the variable", keychain: "the keychain for", file: "the file" } as const;

function textOf({ status: { endpoint, token, keychain }, account }: Answer): string {
  const used = token === null ? "no token" : `token ${token.hint} of ${places[token.from]} ${token.name}`;
  const beside = token?.from === "environment" && keychain.stored ? "The keychain's comes after it." : undefined;
  const notes = [account && accountLine(account), beside, keychain.problem ?? undefined];
  const lines = [`${endpoint}: ${used}`, ...notes.filter((note) => note !== undefined)];
  return lines.map((line) => `${visibleText(line)}\n`).join("");
}

function accountLine({ name, token, role, expiresAt }: HubAccount): string {
  const facts = [token && `token “${token}”`, role, expiresAt && `valid until ${expiresAt}`].filter(Boolean);
  return [`It is ${name}'s`, ...facts].join(", ");
}
