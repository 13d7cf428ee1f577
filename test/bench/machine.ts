/** What the numbers were measured on. */
import { readFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, totalmem } from "node:os";

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

/** Processes that wanted a core in the last minute: above a few tenths, somebody else is being measured as well. */
export function currentLoad(): number {
  return loadavg()[0] ?? Number.NaN;
}
