/** `deltascope serve`: the app in a browser, on this machine or through a tunnel to it. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { DeltaScopeError } from "../../contract/errors.ts";
import type { AppServer } from "../../server/serve.ts";
import type { CliContext, EngineClient } from "../context.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { withInterrupt } from "../interrupt.ts";
import { wholeNumber } from "../options/numbers.ts";
import { openInBrowser } from "../terminal/open-in-browser.ts";

interface ServeOptions {
  port: number;
  host: string;
  workspace?: string;
  open: boolean;
  root: string[];
  allowHost: string[];
}

/** Where `npm run build` puts the app. */
const builtApp = fileURLToPath(new URL("../../../out/renderer", import.meta.url));
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
    .option("--workspace <folder>", "where results are kept")
    .option("--root <folder>", "folder whose checkpoints may be opened (repeatable; default: home)", collect, [])
    .option("--allow-host <name>", "further name under which browsers reach this server (repeatable)", collect, [])
    .option("--no-open", "only print the address")
    .addHelpText("after", examples)
    .action(async (options: ServeOptions) => finish(await serve(context, options)));
}

function collect(value: string, before: readonly string[]): string[] {
  return [...before, value];
}

async function serve(context: CliContext, options: ServeOptions): Promise<ExitCode> {
  if (!existsSync(join(builtApp, "index.html"))) {
    throw new DeltaScopeError("app.not-built", "The app was not built yet.", builtApp);
  }
  const roots = options.root.map((folder) => resolve(context.workingFolder, folder));
  const engine = await context.openEngine({
    workspace: options.workspace,
    roots: roots.length > 0 ? roots : undefined,
  });
  try {
    // Fails early where the workspace is locked, before an address is printed.
    await engine.client.workspace.info();
    const server = await start(context, { ...options, connect: engine.connect });
    await withInterrupt(context, interrupted, "Stopping; a running analysis keeps its finished modules.");
    await cancelJobs(engine.client);
    await server.close();
  } finally {
    await engine.close();
  }
  return exitCodes.done;
}

async function start(
  context: CliContext,
  options: { port: number; host: string; open: boolean; allowHost: string[]; connect: AppConnect },
): Promise<AppServer> {
  // Only this verb needs the server; the others start faster without it.
  const { serveApp } = await import("../../server/serve.ts");
  const print = (address: string) => void context.stdout.write(`${address}\n`);
  const { connect, host, port, allowHost: allowedHosts } = options;
  const server = await serveApp({ connect, app: builtApp, host, port, allowedHosts, print });
  print(server.newAddress());
  await context.stderr.write("The address opens the app once, in one browser. Ctrl-C stops the server.\n");
  if (!loopback.has(host)) {
    await context.stderr.write("Other machines can reach this server, and what it sends is not encrypted.\n");
  }
  // An address of its own: the printed one stays good for another browser.
  if (options.open) openInBrowser(server.newAddress(), context.environment);
  return server;
}

type AppConnect = Awaited<ReturnType<CliContext["openEngine"]>>["connect"];

function interrupted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

async function cancelJobs(client: EngineClient): Promise<void> {
  const jobs = await client.jobs.list();
  const live = jobs.filter(({ state }) => state === "running" || state === "queued");
  await Promise.all(live.map(({ id }) => client.jobs.cancel({ job: id })));
}
