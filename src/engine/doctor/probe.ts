/** Asks another program one question, with a limit on time and on what it may answer. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

const longestAnswer = 64 * 1024;
/** Importing torch takes seconds on a cold disk. */
const patience = 20_000;

/** Standard output, or undefined when the program is absent, fails or takes too long. */
export async function probe(program: string, words: readonly string[]): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)(program, [...words], {
      timeout: patience,
      maxBuffer: longestAnswer,
      windowsHide: true,
    });
    return stdout;
  } catch {
    return undefined;
  }
}
