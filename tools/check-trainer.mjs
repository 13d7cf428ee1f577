// Lint and tests of the Python trainer, where a Python with its packages is at hand; one line says so otherwise.
// `check-trainer.mjs processes` runs the tests that start it as processes of its own, without it all the others.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { findPython } from "./find-python.mjs";

const folder = join(import.meta.dirname, "..", "trainer");
const needed = ["torch", "transformers", "peft", "accelerate", "pydantic", "pyarrow", "psutil", "pytest"];
const processes = process.argv.includes("processes");
const environment = { ...process.env, PYTHONDONTWRITEBYTECODE: "1", OMP_NUM_THREADS: "1", OMP_WAIT_POLICY: "passive" };

/** @param {string} python @param {string[]} words @param {"inherit" | "ignore"} output */
const runs = (python, words, output) =>
  spawnSync(python, words, { cwd: folder, stdio: output, env: environment }).status === 0;

const python = findPython(needed);
if (python === undefined) {
  console.log("skipped: no Python with the trainer's packages and pytest; name one with DELTASCOPE_PYTHON");
  process.exit(0);
}
const hasRuff = runs(python, ["-m", "ruff", "--version"], "ignore");
if (!hasRuff && !processes) console.log("ruff is not installed; only the tests run");
const lint = [
  ["ruff", "check", "."],
  ["ruff", "format", "--check", "."],
];
const checks = processes
  ? [["pytest", "-m", "processes"]]
  : [...(hasRuff ? lint : []), ["pytest", "-m", "not processes"]];
process.exit(checks.every((words) => runs(python, ["-m", ...words], "inherit")) ? 0 : 1);
