/** A sweep's folder is all there is to know: what runs next is read from it, so a crash or another machine loses nothing. */
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { sweepSpec } from "../../../contract/domain/training.ts";
import { DeltaScopeError } from "../../../contract/errors.ts";
import { parsedJson } from "../../../contract/json.ts";
import { quote } from "../../source/quote.ts";
import { readRegular } from "../../source/regular-file.ts";
import { writeWhole } from "../../source/write-whole.ts";
import { longestRecipe } from "../recipes/read-recipe.ts";
import { readEvents } from "../runs/events-file.ts";

const quantity = z.number().nullable();

/** `cell.json`: what was measured of a finished run; it stays when the weights are deleted. */
const cellResult = z.object({
  accuracy: quantity,
  oldTasks: quantity,
  intruders: quantity,
  effectiveRank: quantity,
  validationLoss: quantity,
  /** Rows it was trained on. */
  rows: quantity,
  /** Accuracy by file of items. */
  tasks: z.record(z.string(), z.number()),
  /** Whether its weights were deleted by the sweep's policy. */
  deleted: z.boolean(),
});
export type CellResult = z.infer<typeof cellResult>;

/** `sweep.json`. */
const sweepFile = z.object({ id: z.string(), spec: sweepSpec, folder: z.string().optional() });
export type SweepFile = z.infer<typeof sweepFile>;

/** A sweep holds a recipe and its changes; results have some hundred bytes. */
const mostBytes = 4 * longestRecipe;

/** Characters of a cell's hash in folder names. */
const shortLength = 12;

export function shortSha(sha: string): string {
  return sha.slice(0, shortLength);
}

/** Of the run of a cell, for the list of runs. */
export function runId({ id }: { id: string }, { sha }: { sha: string }): string {
  return `${id}-${shortSha(sha)}`;
}

export function cellFolder(sweep: string, sha: string): string {
  return join(sweep, "cells", shortSha(sha));
}

/** new and started runs are trained; of a trained one only its results are missing. */
export type CellState = "new" | "started" | "trained" | "done";

export async function cellState(folder: string): Promise<CellState> {
  if (await readResult(folder)) return "done";
  if (!existsSync(join(folder, "events.jsonl"))) return "new";
  return existsSync(join(folder, "final")) && (await isFinished(folder)) ? "trained" : "started";
}

async function isFinished(folder: string): Promise<boolean> {
  let last: string | undefined;
  for await (const { type } of readEvents(folder)) last = type;
  return last === "done";
}

export async function readResult(folder: string): Promise<CellResult | undefined> {
  return cellResult.safeParse(await readJson(join(folder, "cell.json"))).data;
}

export async function writeResult(folder: string, result: CellResult): Promise<void> {
  await writeWhole(join(folder, "cell.json"), `${JSON.stringify(result, undefined, 2)}\n`);
}

export async function readSweepFile(folder: string): Promise<SweepFile | undefined> {
  return sweepFile.safeParse(await readJson(join(folder, "sweep.json"))).data;
}

/**
 * The sweep that the folder holds already and that goes on; undefined where there is none. More seeds or ranks are the
 * same sweep; other names, other tasks or none of its runs are another one, whose results would be mixed with these.
 * @throws DeltaScopeError `output.in-use`
 */
export async function heldSweep(
  folder: string,
  spec: SweepFile["spec"],
  cells: readonly { sha: string }[],
): Promise<SweepFile | undefined> {
  const held = await readSweepFile(folder);
  if (held === undefined) return undefined;
  const begun = new Set(await readdir(join(folder, "cells")).catch((): string[] => []));
  const isShared = begun.size === 0 || cells.some(({ sha }) => begun.has(shortSha(sha)));
  if (isShared && held.spec.name === spec.name && isDeepStrictEqual(held.spec.tasks, spec.tasks)) return held;
  const message = `The output folder ${quote(folder)} is in use by the sweep ${quote(held.spec.name)}, which asks for other runs or tasks.`;
  throw new DeltaScopeError("output.in-use", message, folder);
}

async function readJson(file: string): Promise<unknown> {
  const bytes = await readRegular(file, mostBytes).catch(() => undefined);
  return bytes === undefined ? undefined : parsedJson(bytes.toString());
}
