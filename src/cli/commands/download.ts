/** `deltascope download`: brings models of the Hub into the local Hugging Face cache. */
import type { Command } from "commander";
import type { DownloadDocument } from "../../contract/documents.ts";
import type { BroughtSource } from "../../contract/domain/hub.ts";
import { parseHubPlace } from "../../contract/hub-id.ts";
import { documentText } from "../../contract/json.ts";
import { visibleText } from "../../contract/text.ts";
import { programVersion } from "../../contract/version.ts";
import type { CliContext } from "../context.ts";
import { withEngine } from "../engine-session.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { withInterrupt } from "../interrupt.ts";
import { usageError } from "../options/numbers.ts";
import { bring } from "./bring-sources.ts";

interface DownloadOptions {
  workspace?: string;
  json?: boolean;
  quiet?: boolean;
}

const examples = `
Examples:
  $ deltascope download Qwen/Qwen2.5-0.5B
  $ deltascope download datasets/google/boolq
  $ deltascope download --json hf://owner/lora@v2 | jq -r '.models[].folder'

Only what DeltaScope reads is loaded: configuration, tokenizer and safetensors files, never pickles; of a data set the
Parquet, JSON lines and CSV files, all or those below datasets/owner/name/folder. The files lie in the usual cache
(HF_HUB_CACHE, HF_HOME), where transformers and datasets find them too. HF_TOKEN, or the token of
\`deltascope hub token set\`, opens gated ones; HF_ENDPOINT names another Hub, HF_HUB_OFFLINE forbids asking it,
HTTPS_PROXY is the way to it. A download that was stopped goes on where it was.`;

export function addDownload(program: Command, context: CliContext, finish: (code: ExitCode) => void): void {
  program
    .command("download")
    .summary("brings models, adapters and data sets of the Hugging Face Hub to this machine")
    .description(
      "Downloads models and data sets by their id: resumed where it stopped, every file checked against its hash.",
    )
    .argument(
      "<id...>",
      "owner/name or datasets/owner/name, with @revision for another branch, tag or commit than main",
    )
    .option("--workspace <folder>", "whose settings hold")
    .option("--json", "print the download document, and nothing else, on standard output")
    .option("--quiet", "no progress and notes on standard error")
    .addHelpText("after", examples)
    .action(async (ids: string[], options: DownloadOptions) => finish(await download(context, ids, options)));
}

async function download(context: CliContext, ids: readonly string[], options: DownloadOptions): Promise<ExitCode> {
  const asked = ids.map(addressOf);
  const brought = await withEngine(context, { workspace: options.workspace }, (client) =>
    withInterrupt(
      context,
      (signal) => bring(context, client, asked, { quiet: options.quiet ?? false, signal, newest: true }),
      "Cancelling; what was loaded is kept.",
    ),
  );
  const models = brought.map((one, index) => ({ ...one, asked: ids[index] ?? one.location }));
  await context.stdout.write(options.json ? jsonText(models) : models.map(lineOf).join(""));
  return exitCodes.done;
}

/** Here a folder of the same name is not meant. */
function addressOf(id: string): string {
  const address = id.startsWith("hf://") ? id : `hf://${id}`;
  if (parseHubPlace(address) !== undefined) return address;
  throw usageError(`"${id}" is no id of the Hub; it must read owner/name, owner/name@revision or datasets/owner/name.`);
}

function jsonText(models: DownloadDocument["models"]): string {
  return documentText({ schema: "deltascope.download/1", version: programVersion, models } satisfies DownloadDocument);
}

function lineOf({ location, folder }: BroughtSource): string {
  return `${visibleText(location)}\n  ${visibleText(folder ?? "")}\n`;
}
