/**
 * A stand-in for Python with the trainer that behaves like one: it writes its lines to the run folder too, seals
 * checkpoints, stops when it is asked to or when its parent is gone, and goes on from its newest checkpoint. With a
 * file of requests it outlives its parent.
 */
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface FakeRun {
  steps: number;
  /** Steps between checkpoints. */
  every: number;
  /** Milliseconds of one step. */
  pause?: number;
  /** An adapter to save as every checkpoint. */
  adapter?: string;
  /** Device batches that do not fit. */
  largestBatch?: number;
  /** Runs out of memory at this step with more than two sequences at a time. */
  fullAt?: number;
  /** Stands still before this step until `letGo`, or until it is asked to stop. */
  hold?: number;
  /** Kills itself at this step, at the first start only. */
  dieAt?: number;
  /** Ends with this code of an error at once. */
  failure?: string;
}

/** Lets a run that stands still in this folder go on, now and at every later start. */
export function letGo(runFolder: string): void {
  writeFileSync(join(runFolder, "go"), "");
}

/** Writes an executable that stands for Python. */
export function fakeTrainer(folder: string, run: FakeRun): string {
  const file = join(folder, "python3");
  writeFileSync(file, `#!${process.execPath}\nconst run = ${JSON.stringify(run)};\n${script}`);
  chmodSync(file, 0o755);
  return file;
}

const script = `
const fs = require("node:fs");
const { join } = require("node:path");
const words = process.argv.slice(2);
const out = words[words.indexOf("--out") + 1];
const config = JSON.parse(fs.readFileSync(words[words.indexOf("run") + 1], "utf8"));
const events = join(out, "events.jsonl");
const first = !fs.existsSync(events);
let seq = 0;
let stop;
let heard = "";
const send = (line) => {
  const text = JSON.stringify({ v: 1, seq: ++seq, t: Date.now() / 1000, ...line }) + "\\n";
  fs.appendFileSync(events, text);
  try { fs.writeSync(1, text); } catch {}
};
let asked = false;
const hear = (text) => {
  const line = text.split("\\n").find((one) => one.includes("cancel"));
  if (line) stop = JSON.parse(line);
  asked ||= text.includes("checkpoint");
};
const requests = words.includes("--requests") ? words[words.indexOf("--requests") + 1] : undefined;
if (requests) {
  setInterval(() => { if (fs.existsSync(requests)) hear(fs.readFileSync(requests, "utf8")); }, 20).unref();
} else {
  process.stdin.on("data", (data) => hear(heard += data));
  if (!words.includes("--no-stdin")) process.stdin.on("end", () => { stop ??= { save: true }; });
}
process.on("SIGTERM", () => { stop ??= { save: true }; });
const save = (step) => {
  const name = "checkpoint-" + step;
  fs.mkdirSync(join(out, name), { recursive: true });
  if (run.adapter) fs.cpSync(run.adapter, join(out, name), { recursive: true });
  fs.writeFileSync(join(out, name, "complete.json"), "{}");
  send({ type: "checkpoint", step, path: name, bytes: 10, config_sha: "sha" });
  return name;
};
const end = (line, code) => { send(line); process.exit(code); };
const error = (code, exit) => end({ type: "error", code, message: "It failed.", step: null, retryable: true }, exit);
const saved = fs.readdirSync(out).flatMap((name) => /^checkpoint-(\\d+)$/.exec(name)?.[1] ?? []).map(Number);
(async () => {
  send({ type: "hello", protocol: 1, pid: process.pid, version: "0.1.0" });
  if (saved.length > 0 && !words.includes("--resume")) error("run.exists", 11);
  if (run.failure) { fs.writeSync(2, "Traceback\\nBoom\\n"); error(run.failure, 13); }
  const device = config.batch.device === "auto" ? 8 : config.batch.device;
  const sharding = config.sharding === "auto" ? "none" : config.sharding;
  const resolved = { ...config, batch: { ...config.batch, device }, sharding };
  send({ type: "plan", rows: 100, steps: run.steps, steps_per_epoch: run.steps, trainable: 1, total: 2,
    tokens_per_epoch: 3, memory: { weights: 1 }, config: resolved });
  if (device > (run.largestBatch ?? 8)) error("oom.device", 14);
  const from = words.includes("--resume") ? Math.max(0, ...saved) : 0;
  send({ type: "started", steps: run.steps, resumed_from: from });
  for (let step = from + 1; step <= run.steps; step++) {
    const pause = () => new Promise((resolve) => setTimeout(resolve, run.pause ?? 1));
    await pause();
    while (step === run.hold && !stop && !fs.existsSync(join(out, "go"))) await pause();
    send({ type: "progress", step, steps: run.steps, epoch: step / run.steps, loss: 1 / step, lr: 1e-3, grad_norm: 1,
      tokens: step, tps: 10, eta_s: run.steps - step, gpu: null, rss: 1000 + step });
    if (step === run.fullAt && device > 2) error("oom.device", 14);
    if (step === run.dieAt && first) process.kill(process.pid, "SIGKILL");
    if (stop) {
      const checkpoint = stop.save ? save(step) : null;
      end({ type: "cancelled", step, checkpoint }, 10);
    }
    if (asked === true || step % run.every === 0) save(step);
    if (asked) asked = "done";
  }
  send({ type: "eval", step: run.steps, task: "validation", n: 5, accuracy: null, mean_logprob: null,
    loss: config.learning_rate ?? 0.5 });
  fs.mkdirSync(join(out, "final"), { recursive: true });
  if (run.adapter) fs.cpSync(run.adapter, join(out, "final"), { recursive: true });
  const outputs = [{ kind: "adapter", path: "final", sha256: "00" }];
  end({ type: "done", step: run.steps, outputs, final_loss: 1 / run.steps, seconds: 1 }, 0);
})();
`;
