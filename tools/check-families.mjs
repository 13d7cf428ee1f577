// Every adapter family against the peft of this machine, with weights drawn anew; one line says so where there is none.
// The committed sample is part of `vitest run` and needs no Python.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findPython } from "./find-python.mjs";

const root = join(import.meta.dirname, "..");
const python = findPython(["torch", "transformers", "peft", "safetensors", "numpy"]);
if (python === undefined) {
  console.log("skipped: no Python with torch, transformers and peft; name one with DELTASCOPE_PYTHON");
  process.exit(0);
}
const out = mkdtempSync(join(tmpdir(), "deltascope-families-"));
const salt = process.env.DELTASCOPE_SALT ?? "again";
console.log(`weights are drawn from DELTASCOPE_SALT=${salt}`);
try {
  const made = spawnSync(
    python,
    ["-s", "tools/make-golden/make_breadth.py", "--models", "test/golden/models", "--out", out, "--salt", salt],
    {
      cwd: root,
      stdio: ["ignore", "ignore", "inherit"],
      env: { ...process.env, OMP_NUM_THREADS: "1", OMP_WAIT_POLICY: "passive" },
    },
  );
  if (made.status !== 0) process.exit(made.status ?? 1);
  const tested = spawnSync("vitest run test/integration/golden-families.test.ts", {
    cwd: root,
    shell: true,
    stdio: "inherit",
    env: { ...process.env, DELTASCOPE_BREADTH: out },
  });
  process.exitCode = tested.status ?? 1;
} finally {
  rmSync(out, { recursive: true, force: true });
}
