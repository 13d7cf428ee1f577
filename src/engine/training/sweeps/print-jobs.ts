/** A sweep for a cluster: a configuration file and one command for each run, which need nothing of this program. */
import { join } from "node:path";
import { writeWhole } from "../../source/write-whole.ts";
import { processVariables, pythonWords, trainerFolder } from "../process-variables.ts";
import type { Cell } from "./expand.ts";
import { cellFolder, cellState, runId } from "./folder.ts";
import type { Sweep } from "./sweep.ts";

/** Commands for a POSIX shell, in the order of the sweep; runs that are trained already are left out. */
export async function printJobs(sweep: Omit<Sweep, "startedAt">, python: string): Promise<string[]> {
  const commands: string[] = [];
  for (const cell of sweep.cells) {
    const folder = cellFolder(sweep.folder, cell.sha);
    const state = await cellState(folder);
    if (state === "done" || state === "trained") continue;
    commands.push(await writeJob(cell, sweep, { folder, python }));
  }
  return commands;
}

async function writeJob(
  cell: Cell,
  sweep: Pick<Sweep, "id">,
  { folder, python }: { folder: string; python: string },
): Promise<string> {
  const file = join(folder, "config.json");
  const config = { ...cell.config, run_id: runId(sweep, cell) };
  await writeWhole(file, `${JSON.stringify(config, undefined, 2)}\n`);
  const settings = Object.entries(processVariables({}, {})).map(([name, value]) => quoted(`${name}=${value}`));
  // A folder without checkpoints begins anew, so the same command starts and goes on.
  const words = [python, ...pythonWords, "run", file, "--out", folder, "--resume", "--no-stdin"].map(quoted);
  return ["cd", quoted(trainerFolder), "&&", "exec", "env", ...settings, ...words].join(" ");
}

/** For a POSIX shell. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
