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
  // The channel carries nothing; its end tells the program that this process was killed.
  stdio: ["inherit", "inherit", "inherit", "ipc"],
});
// A terminal signals both processes, `kill` only this one; the program takes two signals at once for one.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 1)));
