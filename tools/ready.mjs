// Everything CI checks, cheapest first; stops at the first failure. `npm run ready -- --only=lint,unit` runs a part.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

/** @type {readonly {name: string, needs?: string, command: string, cwd?: string}[]} */
const steps = [
  { name: "lint", command: "biome check ." },
  { name: "native build", command: "node tools/build-native.mjs" },
  { name: "types", command: "tsc -b" },
  { name: "imports", command: "node tools/check-imports.mjs" },
  { name: "unused", command: "knip" },
  { name: "rust format", command: "cargo fmt --check", cwd: "native" },
  { name: "unit", command: "vitest run" },
  { name: "adapter families", command: "node tools/check-families.mjs" },
  { name: "trainer", command: "node tools/check-trainer.mjs" },
  { name: "e2e", command: "node test/e2e/run.mjs" },
  { name: "rust lint", command: "cargo clippy --all-targets --release -- -D warnings", cwd: "native" },
  { name: "rust tests", command: "cargo test --release", cwd: "native" },
  { name: "fuzz files", command: "FUZZ_SEED=1 FUZZ_SECONDS=10 vitest run test/fuzz" },
  { name: "fuzz", command: "sh native/fuzz/all.sh 10" },
];

const only = process.argv
  .find((argument) => argument.startsWith("--only="))
  ?.slice(7)
  .split(",");
const chosen = only ? steps.filter((step) => only.includes(step.name)) : steps;

for (const step of chosen) {
  const started = Date.now();
  console.log(`\n== ${step.name}: ${step.command}`);
  if (step.cwd !== undefined && !existsSync(step.cwd)) throw new Error(`${step.cwd} is missing`);
  const result = spawnSync(step.command, { shell: true, stdio: "inherit", cwd: step.cwd });
  if (result.status !== 0) {
    console.error(`\n${step.name} failed.`);
    process.exit(result.status ?? 1);
  }
  console.log(`== ${step.name}: ${((Date.now() - started) / 1000).toFixed(1)} s`);
}
