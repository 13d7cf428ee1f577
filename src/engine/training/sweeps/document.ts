/** A sweep as its folder and its runs tell it. */
import type { SweepCell, SweepDocument, TrainingRun } from "../../../contract/domain/training.ts";
import { programVersion } from "../../version.ts";
import type { Cell } from "./expand.ts";
import { type CellResult, cellFolder, readResult } from "./folder.ts";
import { bestRatesOf, type MeasuredCell, outcomeOf } from "./outcome.ts";
import type { Sweep } from "./sweep.ts";

export async function sweepDocumentOf(
  sweep: Omit<Sweep, "startedAt">,
  state: SweepDocument["state"],
  runOf: (cell: Cell) => TrainingRun | undefined,
): Promise<SweepDocument> {
  const { id, folder, spec, cells } = sweep;
  const results = await Promise.all(cells.map(({ sha }) => readResult(cellFolder(folder, sha))));
  const measured = cells.map((cell, index) => measuredCell(cell, results[index], runOf(cell)));
  const shown = measured.map(({ cell }) => cell);
  const bestRates = bestRatesOf(shown);
  return {
    schema: "deltascope.sweep/1",
    version: programVersion,
    ...{ id, spec, folder, state },
    cells: shown,
    outcome: outcomeOf(measured, bestRates),
    bestRates,
  };
}

function measuredCell(cell: Cell, result: CellResult | undefined, run: TrainingRun | undefined): MeasuredCell {
  const { method, lora } = cell.config;
  const isFull = method === "full";
  return {
    cell: plannedCell(cell, result, run),
    rank: isFull ? null : lora.rank,
    family: isFull ? cell.variant : cell.variant.replace(`-r${lora.rank}`, ""),
    rows: result?.rows ?? null,
  };
}

export function plannedCell(cell: Cell, result?: CellResult, run?: TrainingRun): SweepCell {
  const { sha, variant, seed, noise, subset, learningRate } = cell;
  return {
    ...{ sha, variant, seed, noise, subset, learningRate },
    run: run ?? null,
    accuracy: result?.accuracy ?? null,
    oldTasks: result?.oldTasks ?? null,
    intruders: result?.intruders ?? null,
    effectiveRank: result?.effectiveRank ?? null,
    validationLoss: result?.validationLoss ?? null,
  };
}
