/** What a trainer writes for people: kept in a file that cannot fill the disk, its last lines at hand for errors. */
import { closeSync, fstatSync, renameSync, writeSync } from "node:fs";
import { StringDecoder } from "node:string_decoder";
import { openToAppend } from "./append.ts";

/** Beyond this the file becomes `stderr.1.log` and a new one starts. */
const fileBytes = 10_000_000;
const keptLines = 200;
/** Progress bars redraw one line for minutes. */
const longestKept = 2000;

export interface StderrLog {
  write(chunk: Uint8Array): void;
  /** The last 200 lines. */
  tail(): string[];
  close(): void;
}

/** @param file path of `stderr.log`; a resumed run goes on writing to it */
export function openStderrLog(file: string, limit: number = fileBytes): StderrLog {
  let handle: number | undefined = openToAppend(file);
  let bytes = fstatSync(handle).size;
  const lines = lastLines();
  const rotate = (): void => {
    if (handle !== undefined) closeSync(handle);
    handle = startAnew(file);
    bytes = 0;
  };
  return {
    write(chunk) {
      lines.push(chunk);
      if (handle === undefined) return;
      if (bytes + chunk.length > limit) rotate();
      bytes += chunk.length;
      handle = tryToWrite(handle, chunk);
    },
    tail: lines.all,
    close() {
      if (handle !== undefined) closeSync(handle);
      handle = undefined;
    },
  };
}

function startAnew(file: string): number | undefined {
  try {
    renameSync(file, file.replace(/\.log$/, ".1.log"));
    return openToAppend(file);
  } catch {
    return undefined;
  }
}

/** A full disk ends the log, not the run: the trainer itself reports the disk. */
function tryToWrite(handle: number, chunk: Uint8Array): number | undefined {
  try {
    writeSync(handle, chunk);
    return handle;
  } catch {
    closeSync(handle);
    return undefined;
  }
}

function lastLines(): { push(chunk: Uint8Array): void; all(): string[] } {
  const decoder = new StringDecoder("utf8");
  let lines: string[] = [];
  let unfinished = "";
  return {
    push(chunk) {
      // A carriage return redraws the line: only its last state counts.
      const pieces = (unfinished + decoder.write(Buffer.from(chunk))).split("\n");
      unfinished = (pieces.pop() ?? "").slice(-longestKept);
      lines = [...lines, ...pieces.map(lastState)].slice(-keptLines);
    },
    all: () => (unfinished === "" ? lines : [...lines, lastState(unfinished)].slice(-keptLines)),
  };
}

function lastState(line: string): string {
  const text = line.endsWith("\r") ? line.slice(0, -1) : line;
  return text.slice(text.lastIndexOf("\r") + 1).slice(0, longestKept);
}
