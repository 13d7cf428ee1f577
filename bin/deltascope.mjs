#!/usr/bin/env node
// Starts the command line under the Node that the project is built for, whatever Node the system has.
import { spawn } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(realpathSync(fileURLToPath(import.meta.url))));
const executable = process.platform === "win32" ? "node.exe" : "node";
const bundled = join(root, "node_modules", "node", "bin", executable);

if (!existsSync(bundled)) {
  console.error("deltascope: its packages are missing; run `npm install` in the project folder first.");
  process.exit(1);
}

const child = spawn(bundled, ["--no-warnings", join(root, "src", "cli", "main.ts"), ...process.argv.slice(2)], {
  stdio: "inherit",
});
// The terminal sends Ctrl-C to both processes; this one only has to wait for the other's answer.
process.on("SIGINT", () => undefined);
process.on("SIGTERM", () => child.kill("SIGTERM"));
child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 1)));
