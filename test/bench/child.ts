/** Runs a program and watches its time and memory. */
import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

export interface ChildResult {
  readonly seconds: number;
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
  /** Largest memory seen beyond mapped files, in bytes; undefined where the system does not tell. */
  readonly peakBytes: number | undefined;
}

export interface ChildPlan {
  readonly program: string;
  readonly arguments: readonly string[];
  /** Called when the program has started. */
  readonly started?: (child: ChildProcess) => void;
}

/** Short against a module's time; each look costs some ten microseconds. */
const SAMPLE_MILLISECONDS = 20;

/**
 * Anonymous and shared memory of a process and of those that it started: what they hold beyond files that they have
 * mapped.
 */
function anonymousBytes(pid: number | string | undefined): number | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const kilobytes = (field: string): number =>
      Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(status)?.[1] ?? 0);
    const own = 1024 * (kilobytes("RssAnon") + kilobytes("RssShmem"));
    return startedBy(pid).reduce((sum, other) => sum + (anonymousBytes(other) ?? 0), own);
  } catch {
    return undefined;
  }
}

function startedBy(pid: number | string | undefined): string[] {
  const threads = readdirSync(`/proc/${pid}/task`);
  const lists = threads.map((thread) => readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8"));
  return lists.flatMap((list) => list.split(" ").filter((other) => other !== ""));
}

/** Runs to the end, whatever the exit code. */
export async function runChild(plan: ChildPlan): Promise<ChildResult> {
  const started = performance.now();
  const child = spawn(plan.program, plan.arguments, { stdio: ["ignore", "pipe", "pipe"] });
  const output: Buffer[] = [];
  const errors: Buffer[] = [];
  child.stdout.on("data", (piece: Buffer) => output.push(piece));
  child.stderr.on("data", (piece: Buffer) => errors.push(piece));
  let peakBytes: number | undefined;
  const timer = setInterval(() => {
    const bytes = anonymousBytes(child.pid);
    if (bytes !== undefined) peakBytes = Math.max(peakBytes ?? 0, bytes);
  }, SAMPLE_MILLISECONDS);
  plan.started?.(child);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", resolve);
    });
    const seconds = (performance.now() - started) / 1000;
    return {
      seconds,
      code,
      output: Buffer.concat(output).toString(),
      errors: Buffer.concat(errors).toString(),
      peakBytes,
    };
  } finally {
    clearInterval(timer);
  }
}
