// Builds the Rust workspace into native/deltascope.node and native/addon.d.ts, unless they are built already.
// `--if-possible` (after npm install): without cargo say so, but let the installation succeed.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isNativeBuilt, nativeSources, recordNativeBuild } from "./native-record.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const optional = process.argv.includes("--if-possible");

if (isNativeBuilt(root)) {
  console.error("The native part is built, and its sources have not changed since.");
  process.exit();
}

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
console.error("Building the native part from its Rust sources; the first time takes some minutes.");
const sources = nativeSources(root);
// Built for any processor of the architecture; the kernels choose vector extensions at run time.
const build = spawnSync(process.execPath, [cli, ...options], { cwd: root, stdio: "inherit" });
if (build.status === 0) recordNativeBuild(root, sources);
process.exit(optional ? 0 : (build.status ?? 1));
