// Tests and lint of the Python trainer, where a Python with its packages is at hand; one line says so otherwise.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

const folder = join(import.meta.dirname, "..", "trainer");
const cached = join(homedir(), ".cache", "deltascope", "trainer-venv", "bin", "python");
const candidates = [process.env.DELTASCOPE_PYTHON, cached, "python3"];
const needed = "import torch, transformers, peft, accelerate, pydantic, pyarrow, psutil, pytest";
const environment = { ...process.env, PYTHONDONTWRITEBYTECODE: "1", OMP_NUM_THREADS: "1", OMP_WAIT_POLICY: "passive" };

/** @param {string} python @param {string[]} words @param {"inherit" | "ignore"} output */
const runs = (python, words, output) =>
  spawnSync(python, words, { cwd: folder, stdio: output, env: environment }).status === 0;

const python = candidates.find(
  (path) =>
    path !== undefined && (path === "python3" || existsSync(path)) && runs(path, ["-s", "-c", needed], "ignore"),
);
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
