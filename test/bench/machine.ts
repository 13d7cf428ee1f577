/** What the numbers were measured on. */
import { readFileSync } from "node:fs";
import { availableParallelism, cpus, totalmem } from "node:os";

function flags(): ReadonlySet<string> {
  try {
    const line = /^flags\s*:(.*)$/m.exec(readFileSync("/proc/cpuinfo", "utf8"))?.[1] ?? "";
    return new Set(line.trim().split(" "));
  } catch {
    return new Set();
  }
}

/** The processor with the vector extensions that matter here, cores and memory. */
export function machineName(): string {
  const present = flags();
  const vectors = ["avx2", "fma", "avx512f", "avx512_bf16", "amx_tile"].filter((flag) => present.has(flag));
  const model = cpus()[0]?.model.trim() || process.arch;
  const gibibytes = Math.round(totalmem() / 2 ** 30);
  return `${model} (${vectors.join(", ") || process.arch}), ${availableParallelism()} cores, ${gibibytes} GiB`;
}

/** Clock ticks a second of the counters under /proc; fixed by Linux's interface. */
const TICKS = 100;

/** Ticks that all processors were busy, and that this process and its ended children used. */
function busyTicks(): { all: number; own: number } | undefined {
  try {
    const [, ...counters] = (readFileSync("/proc/stat", "utf8").split("\n")[0] ?? "").trim().split(/\s+/).map(Number);
    const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = counters;
    // After the name in parentheses, fields 12 to 15 are the times of the process and of its children.
    const own = readFileSync("/proc/self/stat", "utf8").split(") ")[1]?.split(" ").slice(11, 15).map(Number) ?? [];
    return { all: user + nice + system + irq + softirq + steal, own: own.reduce((sum, ticks) => sum + ticks, 0) };
  } catch {
    return undefined;
  }
}

/** Starts watching; the returned function tells how many cores other processes kept busy since, on average. */
export function watchOthers(): () => number | undefined {
  const before = busyTicks();
  const started = performance.now();
  return () => {
    const after = busyTicks();
    if (!before || !after) return undefined;
    const ticks = (TICKS * (performance.now() - started)) / 1000;
    return Math.max(0, after.all - before.all - (after.own - before.own)) / ticks;
  };
}
