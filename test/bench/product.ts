/** The product as a user runs it: the command line in a process of its own, with a fresh workspace. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AnalysisDocument } from "../../src/contract/domain/analysis.ts";
import { type ChildResult, runChild } from "./child.ts";

const root = join(import.meta.dirname, "../..");
const commandLine = ["--no-warnings", join(root, "src/cli/main.ts")];

export interface Question {
  readonly base: string;
  readonly tuned: readonly string[];
  readonly threads: number;
  /** Only the first layers. */
  readonly layers?: number;
  /** A workspace that is used again; a fresh one, removed afterwards, when left out. */
  readonly workspace?: string;
}

export interface Answer extends ChildResult {
  readonly document: AnalysisDocument;
}

/** Gives the work a workspace folder that does not exist yet, and removes it whatever happens. */
export async function withWorkspace<Result>(work: (workspace: string) => Promise<Result>): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), "deltascope-bench-"));
  try {
    return await work(join(folder, "workspace"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export function analyzeArguments(question: Question, workspace: string): string[] {
  const tuned = question.tuned.map((path, index) => `run${index}=${path}`);
  const layers = question.layers === undefined ? [] : ["--layers", `0-${question.layers - 1}`];
  const settings = ["--threads", String(question.threads), "--workspace", workspace, ...layers];
  return [...commandLine, "analyze", "--base", question.base, "--tuned", ...tuned, ...settings, "--json", "--quiet"];
}

/** Asks the question and insists on an answer without failed modules. */
export function analyze(question: Question): Promise<Answer> {
  const { workspace } = question;
  return workspace === undefined ? withWorkspace((fresh) => ask(question, fresh)) : ask(question, workspace);
}

async function ask(question: Question, workspace: string): Promise<Answer> {
  const result = await runChild({ program: process.execPath, arguments: analyzeArguments(question, workspace) });
  if (result.code !== 0) throw new Error(`analyze ended with ${result.code}: ${result.errors}`);
  const document = JSON.parse(result.output) as AnalysisDocument;
  const failed = document.runs.reduce((sum, run) => sum + run.totals.failed, 0);
  if (document.runs.length !== question.tuned.length || failed > 0) throw new Error("analyze left something out");
  return { ...result, document };
}

/** Runs one of the measurements that need the engine inside the measured process; see engine-child.ts. */
export async function inEngine(...arguments_: string[]): Promise<Record<string, number>> {
  const script = join(import.meta.dirname, "engine-child.ts");
  const result = await runChild({ program: process.execPath, arguments: ["--no-warnings", script, ...arguments_] });
  if (result.code !== 0) throw new Error(`the engine's process ended with ${result.code}: ${result.errors}`);
  return JSON.parse(result.output) as Record<string, number>;
}

/** Seconds from Ctrl-C, pressed after some time, to the end of the command; undefined if it was done before. */
export function secondsToCancel(question: Question, afterSeconds: number): Promise<number | undefined> {
  return withWorkspace(async (workspace) => {
    let pressed: number | undefined;
    let timer: NodeJS.Timeout | undefined;
    const result = await runChild({
      program: process.execPath,
      arguments: analyzeArguments(question, workspace),
      started: (child) => {
        timer = setTimeout(() => {
          pressed = performance.now();
          child.kill("SIGINT");
        }, afterSeconds * 1000);
      },
    });
    const ended = performance.now();
    clearTimeout(timer);
    if (pressed === undefined) return undefined;
    if (result.code !== 130) throw new Error(`a cancelled analyze ended with ${result.code}: ${result.errors}`);
    return (ended - pressed) / 1000;
  });
}
