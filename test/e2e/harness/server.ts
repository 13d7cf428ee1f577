/** `deltascope serve` in its own process, over a workspace and a home of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const project = join(import.meta.dirname, "../../..");
/** Slow machines start Node and DuckDB in seconds, busy ones in many. */
const startLimitMs = 120_000;

export interface AppServer {
  /** Opens the app once: it carries the token. */
  address: string;
  origin: string;
  port: number;
  /** Every address that was printed, oldest first. */
  printed: string[];
  workspace: string;
  /** Folder that may be opened; stories put their checkpoints there. */
  root: string;
  /** As Ctrl-C does. */
  stop(): Promise<void>;
  /** As a crash does. */
  kill(): Promise<void>;
  /** Starts again on the same port and workspace; `address` is a new one. */
  restart(): Promise<void>;
  /** Stops and removes all folders. */
  dispose(): Promise<void>;
}

export interface ServerOptions {
  workspace?: string;
  /** Beside those of the test process. */
  variables?: Readonly<Record<string, string>>;
}

export async function startServer({ workspace, variables = {} }: ServerOptions = {}): Promise<AppServer> {
  const folder = mkdtempSync(join(tmpdir(), "deltascope-e2e-"));
  const places = { workspace: workspace ?? join(folder, "workspace"), root: mkdtempSync(join(folder, "root-")) };
  const printed: string[] = [];
  let started = await launch(places, folder, { port: 0, printed, variables });
  const server: AppServer = {
    ...places,
    printed,
    ...addressParts(started.address),
    stop: () => end(started.process, "SIGINT"),
    kill: () => end(started.process, "SIGKILL"),
    async restart() {
      await end(started.process, "SIGINT");
      started = await launch(places, folder, { port: server.port, printed, variables });
      Object.assign(server, addressParts(started.address));
    },
    async dispose() {
      await end(started.process, "SIGINT");
      // A trainer that it ended may still write.
      rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
    },
  };
  return server;
}

function addressParts(address: string): Pick<AppServer, "address" | "origin" | "port"> {
  const { origin, port } = new URL(address);
  return { address, origin, port: Number(port) };
}

interface Started {
  process: ChildProcess;
  address: string;
}

async function launch(
  { workspace, root }: { workspace: string; root: string },
  home: string,
  { port, printed, variables }: { port: number; printed: string[]; variables: Readonly<Record<string, string>> },
) {
  const words = ["bin/deltascope.mjs", "serve", "--no-open", "--port", String(port), "--workspace", workspace];
  const child = spawn(process.execPath, [...words, "--root", root], {
    cwd: project,
    stdio: ["ignore", "pipe", "pipe"],
    // Nothing of the user's own caches and settings takes part.
    env: {
      ...process.env,
      ...{ HOME: home, HF_HOME: join(home, "hub-cache"), XDG_CACHE_HOME: join(home, "cache") },
      DELTASCOPE_KEYCHAIN: "off",
      ...variables,
    },
  });
  return { process: child, address: await firstAddress(child, printed) } satisfies Started;
}

async function firstAddress(child: ChildProcess, printed: string[]): Promise<string> {
  const errors: string[] = [];
  child.stderr?.on("data", (chunk) => errors.push(String(chunk)));
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  const found = new Promise<string>((resolve, reject) => {
    lines.on("line", (line) => {
      if (!line.startsWith("http")) return;
      printed.push(line.trim());
      resolve(line.trim());
    });
    child.once("exit", (code) => reject(new Error(`The server ended with ${code}: ${errors.join("")}`)));
    setTimeout(
      () => reject(new Error(`No address after ${startLimitMs} ms: ${errors.join("")}`)),
      startLimitMs,
    ).unref();
  });
  return found;
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill(signal);
  await ended;
}
