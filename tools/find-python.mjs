// A Python that has what a check needs: the one named, the cached one, or the system's.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

const cached = join(homedir(), ".cache", "deltascope", "trainer-venv", "bin", "python");

/**
 * What is only found is not imported: that takes seconds, and what is there but broken should fail the check.
 * @param {readonly string[]} packages
 * @returns {string | undefined}
 */
export function findPython(packages) {
  const found = packages.map((name) => `find_spec("${name}")`).join(" and ");
  const question = `import sys; from importlib.util import find_spec; sys.exit(not (${found}))`;
  return [process.env.DELTASCOPE_PYTHON, cached, "python3"].find(
    (path) =>
      path !== undefined &&
      (path === "python3" || existsSync(path)) &&
      spawnSync(path, ["-s", "-c", question], { stdio: "ignore" }).status === 0,
  );
}
