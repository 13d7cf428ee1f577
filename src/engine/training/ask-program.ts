/** Asks another program one question and waits for its answer, both bounded. */
import { spawn } from "node:child_process";
import { withoutTokens } from "../hub/access.ts";
import { killGroup, ownGroup } from "./process-group.ts";

export interface Question {
  program: string;
  words: readonly string[];
  /** Milliseconds. */
  patience: number;
  /** Bytes of standard output; more ends the program. */
  longest?: number | undefined;
  environment?: NodeJS.ProcessEnv | undefined;
  /** Folder it runs in. */
  folder?: string | undefined;
  signal?: AbortSignal | undefined;
  /** Lines of standard error as they come. */
  onLine?: ((line: string) => void) | undefined;
}

export interface Answer {
  /** null where it was ended or never started. */
  code: number | null;
  output: string;
  /** The end of standard error, or why it could not be started. */
  complaint: string;
  timedOut: boolean;
}

const usualLength = 4 * 2 ** 20;
const keptComplaint = 8000;

/** Never rejects: a program that is missing, fails or hangs is an answer too. */
export function askProgram(question: Question): Promise<Answer> {
  const { program, words, patience, environment = process.env, folder, signal, longest = usualLength } = question;
  const answer: Answer = { code: null, output: "", complaint: "", timedOut: false };
  const pieces: Buffer[] = [];
  let length = 0;
  return new Promise((resolve) => {
    const child = spawn(program, [...words], {
      ...{ cwd: folder, env: withoutTokens(environment), stdio: ["ignore", "pipe", "pipe"] },
      ...{ detached: ownGroup, windowsHide: true, shell: false },
    });
    const end = (): void => killGroup(child, "SIGKILL");
    const timer = setTimeout(() => {
      answer.timedOut = true;
      end();
    }, patience);
    const finish = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      resolve({ ...answer, output: Buffer.concat(pieces).toString("utf8") });
    };
    child.on("error", (thrown) => {
      answer.complaint = thrown.message;
      finish();
    });
    child.on("close", (code) => {
      answer.code = code;
      finish();
    });
    child.stdout?.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length <= longest) pieces.push(chunk);
      else end();
    });
    const complain = lineSplitter((line) => question.onLine?.(line));
    // Whole letters, wherever the pipe cuts.
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      answer.complaint = (answer.complaint + text).slice(-keptComplaint);
      complain(text);
    });
    signal?.addEventListener("abort", end, { once: true });
    if (signal?.aborted) end();
  });
}

function lineSplitter(report: (line: string) => void): (text: string) => void {
  let unfinished = "";
  return (text) => {
    const lines = (unfinished + text).split(/[\r\n]/);
    unfinished = (lines.pop() ?? "").slice(-keptComplaint);
    for (const line of lines) if (line.trim() !== "") report(line.trimEnd());
  };
}

/** The last line of a complaint that stands by itself: indented ones go on with a trace or a warning. */
export function lastWords(complaint: string): string {
  const lines = complaint.split("\n");
  const found = lines.findLast((line) => /^\S/.test(line)) ?? lines.findLast((line) => line.trim() !== "");
  return found?.trim().slice(0, 500) ?? "";
}
