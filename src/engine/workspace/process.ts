/** What the operating system says of a process. */
import { readFileSync } from "node:fs";

export function processIsAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"; // it exists and belongs to someone else
  }
}

/** Boot and start time of a process where the system tells them (Linux); undefined elsewhere and for dead ones. */
export function processStart(pid: number): string | undefined {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return `${boot} ${startTicks(readFileSync(`/proc/${pid}/stat`, "utf8"))}`;
  } catch {
    return undefined;
  }
}

/** Field 22 of proc(5) stat; the second field may hold spaces and brackets, so counting starts after its last one. */
function startTicks(stat: string): string {
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
}
