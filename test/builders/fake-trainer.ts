/** A stand-in for Python with the trainer: a script that speaks the protocol as it is told to. */
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Steps that the stand-in takes one after the other; the last one decides how it ends. */
export type FakeStep =
  | { line: Record<string, unknown> }
  | { raw: string }
  | { stderr: string }
  | { wait: number }
  /** Until a line of this kind comes, or the end of standard input. */
  | { until: "cancel" | "checkpoint" | "end" }
  /** As many raw lines of about this many bytes. */
  | { flood: number; bytes: number }
  | { ignoreSignals: true }
  /** A process of its own that keeps the pipes open. */
  | { worker: number }
  | { exit: number }
  | { signal: NodeJS.Signals }
  | { hang: true };

/** Lines of a run that ends well, with sequence numbers. */
export function goodRun(steps = 2): FakeStep[] {
  const progress = Array.from({ length: steps }, (_, index) => ({
    line: { type: "progress", ...progressFields(index + 1, steps) },
  }));
  const done = { type: "done", step: steps, outputs: [], final_loss: 0.5, seconds: 1 };
  return [hello, { line: { type: "started", steps, resumed_from: 0 } }, ...progress, { line: done }, { exit: 0 }];
}

export const hello: FakeStep = { line: { type: "hello", protocol: 1, pid: 1, version: "0.1.0" } };

function progressFields(step: number, steps: number): Record<string, unknown> {
  const rates = { loss: 1 / step, lr: 1e-3, grad_norm: 1, tps: 100, eta_s: steps - step };
  return { step, steps, epoch: step / steps, ...rates, tokens: 10 * step, gpu: null, rss: 1e8 };
}

/** Writes an executable that stands for Python. What it was started with lands in `started.json` of the run folder. */
export function fakePython(folder: string, steps: readonly FakeStep[]): string {
  const file = join(folder, "python3");
  writeFileSync(file, `#!${process.execPath}\nconst steps = ${JSON.stringify(steps)};\n${script}`);
  chmodSync(file, 0o755);
  return file;
}

const script = `
const { writeFileSync, writeSync } = require("node:fs");
const { join } = require("node:path");
const { spawn } = require("node:child_process");
const words = process.argv.slice(2);
const names = ["PYTHONHASHSEED", "PYTHONPATH", "PYTHONSAFEPATH", "HF_HUB_OFFLINE", "CUDA_VISIBLE_DEVICES", "EXTRA"];
const out = words[words.indexOf("--out") + 1];
const variables = Object.fromEntries(names.map((name) => [name, process.env[name]]));
if (words.includes("--out")) writeFileSync(join(out, "started.json"), JSON.stringify({ words, variables, pid: process.pid }));
let seq = 0;
let heard = "";
let over = false;
let wake = () => {};
process.stdin.on("data", (data) => { heard += data; wake(); });
process.stdin.on("end", () => { over = true; wake(); });
const send = (text) => new Promise((resolve) => process.stdout.write(text + "\\n", resolve));
async function until(word) {
  while (!over && !heard.includes('"type":"' + word + '"')) await new Promise((resolve) => { wake = resolve; });
  while (word === "end" && !over) await new Promise((resolve) => { wake = resolve; });
}
(async () => {
  for (const step of steps) {
    if (step.line) await send(JSON.stringify({ v: 1, seq: ++seq, t: 1, ...step.line }));
    if (step.raw !== undefined) await send(step.raw);
    if (step.stderr !== undefined) writeSync(2, step.stderr);
    if (step.wait) await new Promise((resolve) => setTimeout(resolve, step.wait));
    if (step.until) await until(step.until);
    if (step.flood) for (let n = 0; n < step.flood; n++) await send("x".repeat(step.bytes));
    if (step.ignoreSignals) process.on("SIGTERM", () => {});
    if (step.worker) {
      const worker = spawn(process.execPath, ["-e", "setTimeout(() => {}, " + step.worker + ")"], { stdio: "inherit" });
      writeFileSync(join(out, "worker.json"), String(worker.pid));
    }
    if (step.exit !== undefined) process.exit(step.exit);
    if (step.signal) process.kill(process.pid, step.signal);
    if (step.hang) setInterval(() => {}, 1000);
  }
})();
`;
