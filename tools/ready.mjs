// Everything CI checks, cheapest first; stops at the first failure. `npm run ready -- --only=lint,unit` runs a part.
import { spawn } from "node:child_process";

/**
 * A step with `single` keeps one core busy: neighbours of that sort run two at a time, and each shows what it wrote when
 * it has ended. The others fill the machine, have it alone, and write as they go.
 *
 * @typedef {{name: string, command: string, cwd?: string, single?: true}} Step
 * @type {readonly Step[]}
 */
const steps = [
  { name: "lint", command: "biome check ." },
  { name: "native build", command: "node tools/build-native.mjs" },
  { name: "types", command: "tsc -b", single: true },
  { name: "imports", command: "node tools/check-imports.mjs", single: true },
  { name: "unused", command: "knip", single: true },
  { name: "rust format", command: "cargo fmt --check", cwd: "native", single: true },
  { name: "rust lint", command: "cargo clippy --all-targets --release -- -D warnings", cwd: "native", single: true },
  { name: "unit", command: "vitest run" },
  { name: "trainer processes", command: "node tools/check-trainer.mjs processes", single: true },
  { name: "trainer", command: "node tools/check-trainer.mjs", single: true },
  { name: "adapter families", command: "node tools/check-families.mjs", single: true },
  { name: "e2e", command: "node test/e2e/run.mjs" },
  { name: "rust tests", command: "cargo test --release --tests", cwd: "native" },
  { name: "fuzz files", command: "FUZZ_SEED=1 FUZZ_SECONDS=10 vitest run test/fuzz" },
  { name: "fuzz", command: "FUZZ_SEED=1 sh native/fuzz/run.sh 10" },
];

const only = process.argv
  .find((argument) => argument.startsWith("--only="))
  ?.slice(7)
  .split(",");
const queue = steps.filter((step) => only === undefined || only.includes(step.name));
const colours = process.stdout.isTTY ? { FORCE_COLOR: "1" } : {};

/**
 * Runs a step to its end; answers its exit code.
 * @param {Step} step
 */
function run({ name, command, cwd, single }) {
  const started = Date.now();
  const title = `\n== ${name}: ${command}`;
  const child = single
    ? spawn(command, { shell: true, cwd, stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...colours } })
    : spawn(command, { shell: true, cwd, stdio: "inherit" });
  /** @type {Buffer[]} */
  const output = [];
  child.stdout?.on("data", (part) => output.push(part));
  child.stderr?.on("data", (part) => output.push(part));
  console.log(single ? `${title} …` : title);
  return new Promise((settle, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      if (single) console.log(title);
      process.stdout.write(Buffer.concat(output));
      if (code !== 0) console.error(`\n${name} failed.`);
      else console.log(`== ${name}: ${((Date.now() - started) / 1000).toFixed(1)} s`);
      settle(code ?? 1);
    });
  });
}

/** Steps of one core, one after another, until another sort is next or a step has failed. */
async function singles() {
  while (queue[0]?.single && !process.exitCode) process.exitCode = (await run(queue.shift())) || process.exitCode;
}

while (queue.length > 0 && !process.exitCode) {
  if (queue[0].single) await Promise.all([singles(), singles()]);
  else process.exitCode = await run(queue.shift());
}
