/** A child process together with those it started. */
import { type ChildProcess, spawn } from "node:child_process";

/** Whether children get a group of their own; Windows has none, and opens a window for it. */
export const ownGroup = process.platform !== "win32";

/** Sends the signal to the whole group; nothing happens where it has ended. On Windows the tree is ended at once. */
export function killGroup({ pid, exitCode }: Pick<ChildProcess, "pid" | "exitCode">, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  if (!ownGroup) {
    if (exitCode !== null) return;
    // Without a listener a system that lacks it would end this program.
    spawn("taskkill", ["/pid", String(pid), "/t", "/f"], { stdio: "ignore" }).on("error", () => undefined);
    return;
  }
  try {
    process.kill(-pid, signal);
  } catch {
    // It ended in between.
  }
}
