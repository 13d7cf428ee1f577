/** The engine's side of the scoring process: starts it, asks it one thing at a time, kills it. */
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { DeltaScopeError } from "../../../contract/errors.ts";
import { withoutTokens } from "../../hub/access.ts";
import type { ScoringAnswer, ScoringQuestion } from "./protocol.ts";

export interface ScoringProcess {
  /** Throws what the process answers; `job.cancelled` on abort, which kills it; what `explain` says when it dies. */
  ask(question: ScoringQuestion, signal: AbortSignal | undefined): Promise<Exclude<ScoringAnswer, { kind: "failed" }>>;
  /** Kills it, and waits until it is gone. */
  kill(): Promise<void>;
  readonly pid: number | undefined;
}

/** How a process ended, in words: "with signal SIGBUS". */
export type ExplainDeath = (end: string) => DeltaScopeError;

/** How the runtime says that it got no memory, where the system refuses instead of killing. */
const OUT_OF_MEMORY = /bad_alloc|bad allocation|failed to allocate|out of memory/i;
/** Letters of the error stream that are kept. */
const ERRORS_KEPT = 2000;

/** As TypeScript beside this file, or where the desktop's build puts it: see electron.vite.config.ts. */
function childFile(): string {
  const name = import.meta.url.endsWith(".ts") ? "./child.ts" : "./scoring-child.js";
  return fileURLToPath(new URL(name, import.meta.url));
}

export function startScoringProcess(explain: ExplainDeath): ScoringProcess {
  const child = fork(childFile(), {
    serialization: "advanced",
    execArgv: ["--no-warnings"],
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    env: {
      ...withoutTokens(),
      // In the desktop app the program is Electron, which has to be told to be Node.
      ELECTRON_RUN_AS_NODE: "1",
      // From 1.29 on the runtime would number this machine and send what it ran to its makers.
      ORT_DISABLE_TELEMETRY: "1",
    },
  });
  const errors = keepErrors(child);
  const ended = new Promise<string>((resolve) => {
    child.on("error", (error) => resolve(`before it started (${error.message})`));
    child.once("exit", (code, name) => resolve(name === null ? `with code ${code}` : `with signal ${name}`));
  });
  return {
    pid: child.pid,
    ask: async (question, signal) => {
      const answer = await ask(child, question, signal, async () => explain(withErrors(await ended, errors())));
      if (answer.kind !== "failed") return answer;
      const { code, message, where } = answer.error;
      if (code === "internal" && OUT_OF_MEMORY.test(message)) throw explain(`for want of memory (${message})`);
      throw new DeltaScopeError(code, message, where);
    },
    kill: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

function keepErrors(child: ChildProcess): () => string {
  let kept = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    kept = (kept + text).slice(-ERRORS_KEPT);
  });
  return () => kept.trim();
}

function withErrors(end: string, errors: string): string {
  return errors === "" ? end : `${end} (${errors})`;
}

function ask(
  child: ChildProcess,
  question: ScoringQuestion,
  signal: AbortSignal | undefined,
  death: () => Promise<DeltaScopeError>,
): Promise<ScoringAnswer> {
  return new Promise((resolve, reject) => {
    const cancel = (): void => {
      child.kill("SIGKILL");
      finish(() => reject(new DeltaScopeError("job.cancelled", "The scoring was cancelled.")));
    };
    const receive = (answer: ScoringAnswer): void => finish(() => resolve(answer));
    const die = (): void => finish(() => void death().then(reject));
    const finish = (then: () => void): void => {
      child.off("message", receive).off("exit", die).off("error", die);
      signal?.removeEventListener("abort", cancel);
      then();
    };
    if (signal?.aborted) return cancel();
    if (child.exitCode !== null || child.signalCode !== null) return die();
    signal?.addEventListener("abort", cancel, { once: true });
    child.on("message", receive).on("exit", die).on("error", die);
    // A process that is gone already is reported by its "exit".
    child.send(question, () => undefined);
  });
}
