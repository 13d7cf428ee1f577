/** `deltascope serve`: the app in a browser, on this machine or through a tunnel to it. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import type { Job } from "../../contract/domain/job.ts";
import { DeltaScopeError, toDeltaScopeError } from "../../contract/errors.ts";
import { shortText } from "../../contract/text.ts";
import type { AppServer } from "../../server/serve.ts";
import type { CliContext, EngineClient, EngineHandle } from "../context.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { withInterrupt } from "../interrupt.ts";
import { gather, workspaceOption } from "../options/lines.ts";
import { wholeNumber } from "../options/numbers.ts";
import { openInBrowser } from "../terminal/open-in-browser.ts";

interface ServeOptions {
  port: number;
  host: string;
  workspace?: string;
  open: boolean;
  root?: string[];
  allowHost?: string[];
}

const highestPort = 65_535;
const loopback: ReadonlySet<string> = new Set(["127.0.0.1", "localhost", "::1"]);

const examples = `
Examples:
  $ deltascope serve
  $ ssh -L 8000:127.0.0.1:8000 gpu-box deltascope serve --no-open --port 8000 --root /data/checkpoints`;

export function addServe(program: Command, context: CliContext, finish: (code: ExitCode) => void): void {
  program
    .command("serve")
    .summary("opens the app in a browser")
    .description("Serves the app to browsers of this machine until Ctrl-C. Each printed address opens it once.")
    .option("--port <number>", "port to listen on; 0 takes a free one", wholeNumber("--port", 0, highestPort), 0)
    .option("--host <name>", "address to listen on; other machines reach it only when you change this", "127.0.0.1")
    .option(...workspaceOption)
    .option("--root <folder>", "folder whose checkpoints may be opened; may be repeated (default: home)", gather)
    .option("--allow-host <name>", "further name under which browsers reach this server; may be repeated", gather)
    .option("--no-open", "only print the address")
    .addHelpText("after", examples)
    .action(async (options: ServeOptions) => finish(await serve(context, options)));
}

async function serve(context: CliContext, options: ServeOptions): Promise<ExitCode> {
  if (!existsSync(join(context.appFolder, "index.html"))) {
    throw new DeltaScopeError("app.not-built", "The app was not built yet.", context.appFolder);
  }
  await withInterrupt(context, (signal) => serveUntil(signal, context, options), "Stopping.");
  return exitCodes.done;
}

async function serveUntil(signal: AbortSignal, context: CliContext, options: ServeOptions): Promise<void> {
  const roots = (options.root ?? []).map((folder) => resolve(context.workingFolder, folder));
  const engine = await context.openEngine({ workspace: options.workspace, roots });
  try {
    await lookAtWorkspace(context, engine.client);
    const server = await start(context, options, engine);
    await aborted(signal);
    await cancelJobs(context, engine.client);
    await server.close();
  } finally {
    await engine.close();
  }
}

/** Fails before an address is printed; a workspace that another process holds can still be looked at in the app. */
async function lookAtWorkspace(context: CliContext, client: EngineClient): Promise<void> {
  try {
    await client.workspace.info();
  } catch (thrown) {
    const error = toDeltaScopeError(thrown);
    if (error.code !== "store.locked") throw error;
    await context.stderr.write(`${error.message} The app can show a copy of it, and opens it once it is free.\n`);
  }
}

async function start(context: CliContext, options: ServeOptions, { connect }: EngineHandle): Promise<AppServer> {
  // Only this verb needs the server; the others start faster without it.
  const { serveApp } = await import("../../server/serve.ts");
  const print = (address: string) => void context.stdout.write(`${address}\n`);
  const { host, port, allowHost: allowedHosts = [] } = options;
  const server = await serveApp({ connect, app: context.appFolder, host, port, allowedHosts, print });
  print(server.newAddress());
  await context.stderr.write("The address opens the app once, in one browser. Ctrl-C stops the server.\n");
  if (!loopback.has(host)) {
    await context.stderr.write("Other machines can reach this server, and what it sends is not encrypted.\n");
  }
  // An address of its own: the printed one stays good for another browser.
  if (options.open) openInBrowser(server.newAddress(), context.environment);
  return server;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** Before the windows are told goodbye, so that they show it too. */
async function cancelJobs(context: CliContext, client: EngineClient): Promise<void> {
  const jobs = await client.jobs.list().catch(withoutJobs);
  const live = jobs.filter(({ state }) => state === "running" || state === "queued");
  for (const { id, title } of live) {
    const { note } = await client.jobs.cancel({ job: id });
    await context.stderr.write(`Cancelled ${shortText(title)}. ${note ?? ""}\n`);
  }
}

/** A workspace that was locked to the end has none of ours. */
function withoutJobs(thrown: unknown): Job[] {
  const error = toDeltaScopeError(thrown);
  if (error.code === "store.locked") return [];
  throw error;
}
