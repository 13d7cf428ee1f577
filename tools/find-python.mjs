// A Python that has what a check needs: the one named, the cached one, or the system's.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

const cached = join(homedir(), ".cache", "deltascope", "trainer-venv", "bin", "python");

/**
 * @param {string} needed statement that fails where something is missing
 * @returns {string | undefined}
 */
export function findPython(needed) {
  return [process.env.DELTASCOPE_PYTHON, cached, "python3"].find(
    (path) =>
      path !== undefined &&
      (path === "python3" || existsSync(path)) &&
      spawnSync(path, ["-s", "-c", needed], { stdio: "ignore" }).status === 0,
  );
}
