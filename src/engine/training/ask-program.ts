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

const longestWords = 500;

/**
 * Why a program ended, from what it wrote for people: the exception of its last trace, else its last line that stands by
 * itself and is no warning. Indented lines go on with a trace or a warning.
 */
export function lastWords(complaint: string): string {
  const lines = complaint.split("\n").map((line) => line.trimEnd());
  const alone = lines.filter((line) => /^\S/.test(line));
  const found =
    exceptionIn(lines) ?? alone.findLast((line) => !isWarning(line)) ?? alone.at(-1) ?? lines.findLast((line) => line);
  return found?.trim().slice(0, longestWords) ?? "";
}

/** The first line after the frames of the last trace; the interpreter's own end says so itself. */
function exceptionIn(lines: readonly string[]): string | undefined {
  const fatal = lines.findLast((line) => line.startsWith("Fatal Python error: "));
  const start = lines.findLastIndex((line) => line.startsWith("Traceback (most recent call last)"));
  return fatal ?? (start < 0 ? undefined : lines.slice(start + 1).find((line) => /^\S/.test(line)));
}

/** `file.py:12: FutureWarning: …`, and those of a logger. */
function isWarning(line: string): boolean {
  return /Warning: /.test(line) || /^\[?(WARNING|W\d{4})\b/.test(line);
}
