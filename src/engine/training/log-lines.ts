/** The end of a run's `stderr.log`. */
import { join } from "node:path";
import { openRegular } from "../source/regular-file.ts";

const mostBytes = 128 * 1024;
const mostLines = 200;
const longestLine = 2000;

/** The last 200 lines; none where the run has not started. */
export async function logLines(folder: string): Promise<string[]> {
  const file = await openRegular(join(folder, "stderr.log")).catch(() => undefined);
  if (!file) return [];
  try {
    const { size } = await file.stat();
    const start = Math.max(0, size - mostBytes);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - start), 0, size - start, start);
    const lines = buffer.subarray(0, bytesRead).toString("utf8").split("\n");
    // A progress bar redraws its line: its last state counts.
    const last = lines.map((line) => line.replace(/\r$/, "").split("\r").at(-1)?.slice(0, longestLine) ?? "");
    return last.slice(last.at(-1) === "" ? -mostLines - 1 : -mostLines, last.at(-1) === "" ? -1 : undefined);
  } finally {
    await file.close();
  }
}
