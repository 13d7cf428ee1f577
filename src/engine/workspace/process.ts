/** What the operating system says of a process. */
import { readFileSync } from "node:fs";

/** One that has ended but that nobody asked for its end, which stays in the table, counts as ended (Linux). */
export function processIsAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false; // it exists and belongs to someone else
  }
  try {
    return !/^[ZX]/.test(fieldsOf(pid)[0] ?? "");
  } catch {
    return true;
  }
}

/** Boot and start time of a process where the system tells them (Linux); undefined elsewhere and for dead ones. */
export function processStart(pid: number): string | undefined {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return `${boot} ${fieldsOf(pid)[19] ?? ""}`;
  } catch {
    return undefined;
  }
}

/**
 * Fields of proc(5) stat from the third on, the state; the start is the 22nd. The second may hold spaces and brackets,
 * so counting begins after its last one. @throws where the system has no such file
 */
function fieldsOf(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}
