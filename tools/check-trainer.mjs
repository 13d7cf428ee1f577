// Tests and lint of the Python trainer, where a Python with its packages is at hand; one line says so otherwise.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { findPython } from "./find-python.mjs";

const folder = join(import.meta.dirname, "..", "trainer");
const needed = "import torch, transformers, peft, accelerate, pydantic, pyarrow, psutil, pytest";
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
if (!hasRuff) console.log("ruff is not installed; only the tests run");
const checks = [
  ...(hasRuff
    ? [
        ["ruff", "check", "."],
        ["ruff", "format", "--check", "."],
      ]
    : []),
  ["pytest"],
];
process.exit(checks.every((words) => runs(python, ["-m", ...words], "inherit")) ? 0 : 1);
