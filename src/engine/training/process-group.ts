/** A child process together with those it started. */
import { type ChildProcess, spawn } from "node:child_process";

/** Whether children get a group of their own; Windows has none, and opens a window for it. */
export const ownGroup = process.platform !== "win32";

/** Sends the signal to the whole group; nothing happens where it has ended. On Windows the tree is ended at once. */
export function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  if (!ownGroup) {
    if (child.exitCode === null) spawn("taskkill", ["/pid", String(child.pid), "/t", "/f"], { stdio: "ignore" });
    return;
  }
  try {
    process.kill(-child.pid, signal);
  } catch {
    // It ended in between.
  }
}
