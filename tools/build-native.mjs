// Builds the Rust workspace into native/deltascope.node and native/addon.d.ts.
// `--if-possible` (after npm install): without cargo say so, but let the installation succeed.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const optional = process.argv.includes("--if-possible");

const cargo = spawnSync("cargo", ["--version"], { stdio: "ignore" });
if (cargo.error !== undefined || cargo.status !== 0) {
  console.error(
    "The native part needs Rust 1.90 or newer: install it from https://rustup.rs, then run `npm run build:native`.",
  );
  process.exit(optional ? 0 : 1);
}

const cli = join(root, "node_modules", "@napi-rs", "cli", "dist", "cli.js");
if (!existsSync(cli)) {
  console.error("@napi-rs/cli is missing: run `npm install` first.");
  process.exit(optional ? 0 : 1);
}

// biome-ignore format: one option a line
const options = [
  "build", "--release",
  "--manifest-path", "native/Cargo.toml",
  "--package", "addon",
  "--config-path", "native/napi.json",
  "--output-dir", "native",
  "--dts", "addon.d.ts",
  "--no-const-enum",
];
// Built for any processor of the architecture; the kernels choose vector extensions at run time.
const build = spawnSync(process.execPath, [cli, ...options], { cwd: root, stdio: "inherit" });
process.exit(optional ? 0 : (build.status ?? 1));
