/** The demo's stored results straight from an engine, to hold what the page shows against. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterAll } from "vitest";
import type { AppRun, ModuleRow } from "../../../src/contract/domain/cells.ts";
import { openEngine } from "../../../src/engine/engine.ts";

export interface DemoTruth {
  /** Folder of the finished workspace, ready to be served. */
  workspace: string;
  runs: AppRun[];
  rows: ModuleRow[];
  /** Rows of the run with this letter. */
  rowsOf(letter: string): ModuleRow[];
  row(letter: string, name: string): ModuleRow;
}

const pollMs = 50;

export async function demoTruth(): Promise<DemoTruth> {
  const workspace = mkdtempSync(join(tmpdir(), "deltascope-truth-"));
  // Hooks run last in, first out: the server that uses it has stopped by then.
  afterAll(() => rmSync(workspace, { recursive: true, force: true }));
  const { client, close } = openEngine({ workspace });
  await client.workspace.openDemo();
  while ((await client.jobs.list()).some(({ state }) => state !== "finished")) await setTimeout(pollMs);
  const runs = await client.runs.all();
  const rows = await client.runs.rows({ runs: runs.map(({ id }) => id) });
  await close();
  const rowsOf = (letter: string) => {
    const run = runs.find((candidate) => candidate.letter === letter);
    return rows.filter(({ analysis }) => analysis === run?.analysis);
  };
  const row = (letter: string, name: string) => {
    const found = rowsOf(letter).find((candidate) => candidate.name === name);
    if (!found) throw new Error(`The demo has no module ${name} of run ${letter}.`);
    return found;
  };
  return { workspace, runs, rows, rowsOf, row };
}
