/** Turns pairings into units of work: one base matrix with every run that changes it, and what it will cost. */
import type { AnalysisPlan } from "../../contract/api.ts";
import type { MatrixPair } from "../../contract/domain/pair.ts";
import type { MatrixView } from "../../contract/domain/tensor.ts";
import { inTurns, mapInTurns, sortInTurns } from "../turns.ts";
import { heldBytes, isLowRankOnly } from "./statement.ts";

/** One run's matrix inside a unit. */
export interface UnitRun {
  /** Id of the question this answers. */
  analysis: string;
  pair: MatrixPair;
  rounding: "bf16" | "f16" | undefined;
}

/** The work of one base matrix; computed in one go so that its Gram matrix serves every run. */
export interface Unit {
  name: string;
  shape: [number, number];
  base: MatrixView | undefined;
  runs: UnitRun[];
  cost: Cost;
}

/** What a unit takes; flops and bytes are estimates for order, progress and memory, never results. */
export interface Cost {
  flops: number;
  bytes: number;
  memoryBytes: number;
}

/** Pairs of one run, filtered, without what the store already holds. */
export interface PlannedRun {
  analysis: string;
  rounding: "bf16" | "f16" | undefined;
  matrices: MatrixPair[];
}

/** Rows that the numeric crate streams at a time; counted into the memory estimate. */
const blockBytes = 64 * 2 ** 20;
/** Copies of the p × p Gram matrix alive at once: base, tuned, ΔW, the solver's workspace and its result. */
const gramCopies = 5;
/** Values of a wide matrix that are decoded at once; a larger one comes in parts. */
const heldValues = 2 ** 25;
/** Block Krylov and Lanczos panels per unit, in multiples of p doubles. */
const panelColumns = 400;
/** Speed assumed before anything was measured, f64 operations per second and thread. */
const assumedFlops = 2e10;

/**
 * Groups the runs' pairs by base matrix; largest first, so that the last units are small and threads end together.
 * @param memoryBytes what a unit may take; one whose runs hold more together comes in parts
 */
export async function planUnits(
  runs: readonly PlannedRun[],
  sides: number,
  memoryBytes = Number.POSITIVE_INFINITY,
): Promise<Unit[]> {
  const units = new Map<string, Unit>();
  for (const run of runs) {
    for await (const part of inTurns(run.matrices)) for (const pair of part) addRun(units, run, pair);
  }
  const planned = await mapInTurns(units.values(), (unit) => partsOf(unit, sides, memoryBytes));
  return sortInTurns(planned.flat(), (a, b) => b.cost.flops - a.cost.flops);
}

function addRun(units: Map<string, Unit>, { analysis, rounding }: PlannedRun, pair: MatrixPair): void {
  const key = unitKey(pair, rounding);
  const unit = units.get(key) ?? { name: pair.name, shape: pair.shape, base: pair.base, runs: [], cost: noCost };
  unit.runs.push({ analysis, pair, rounding });
  units.set(key, unit);
}

/** Each part makes the Gram matrix of the base anew, so runs may always hold as much as the base itself takes. */
function partsOf(unit: Unit, sides: number, memoryBytes: number): Unit[] {
  const withCost = (runs: UnitRun[]): Unit => ({ ...unit, runs, cost: estimateCost({ ...unit, runs }, sides) });
  const own = withCost([]).cost.memoryBytes;
  const most = Math.max(memoryBytes - own, own);
  const parts: UnitRun[][] = [];
  let held = 0;
  for (const run of unit.runs) {
    const bytes = heldBytes(run.pair.delta);
    held += bytes;
    const last = parts.at(-1);
    if (last !== undefined && held <= most) {
      last.push(run);
      continue;
    }
    parts.push([run]);
    held = bytes;
  }
  return parts.map(withCost);
}

const noCost: Cost = { flops: 0, bytes: 0, memoryBytes: 0 };

/** Runs whose files lie on different grids are audited apart: a unit has one grid. */
function unitKey(pair: MatrixPair, rounding: "bf16" | "f16" | undefined): string {
  const view = pair.base;
  const place = view
    ? [view.tensor.path, view.tensor.begin, view.offset ?? 0, view.rows?.count ?? "", view.transpose === true]
    : ["no base"];
  return [pair.name, ...pair.shape, rounding === "f16", ...place].join("\u0000");
}

/** Operation counts, with p = min(out, in) and q = max(out, in). */
export function estimateCost(unit: Pick<Unit, "shape" | "runs" | "base">, sides: number): Cost {
  const [out, input] = unit.shape;
  const p = Math.min(out, input);
  const q = Math.max(out, input);
  const dense = unit.runs.filter((run) => !isLowRankOnly(run.pair.delta)).length;
  const gram = p * p * q;
  const search = sides * p * p * panelColumns;
  const base = sides > 0 && unit.base ? gram + search + p ** 3 : p * q;
  const perDense = gram * (sides > 0 ? 2 : 1) + (4 / 3) * p ** 3 + search;
  const ofRuns = unit.runs.reduce((bytes, run) => bytes + heldBytes(run.pair.delta), 0);
  const held = out > input ? 0 : 8 * Math.min(p * q, heldValues);
  const perFactor = 4 * (p + q) * 64 ** 2 + search;
  return {
    flops: base + dense * perDense + (unit.runs.length - dense) * perFactor,
    bytes: p * q * 2 * (1 + dense),
    memoryBytes: blockBytes + 8 * p * (gramCopies * p + panelColumns) + held + ofRuns,
  };
}

/** The plan that is shown before the start. Units that do not fit `memoryBytes` side by side are computed alone. */
export function summarizePlan(
  units: readonly Unit[],
  stored: number,
  { threads, memoryBytes }: { threads: number; memoryBytes: number },
): AnalysisPlan {
  const sum = (pick: (unit: Unit) => number) => units.reduce((total, unit) => total + pick(unit), 0);
  const modules = sum((unit) => unit.runs.length);
  const largest = units.map((unit) => unit.cost.memoryBytes).sort((a, b) => b - a);
  const together = largest.filter((bytes) => bytes * threads <= memoryBytes).slice(0, threads);
  const flops = sum((unit) => unit.cost.flops);
  return {
    modules: modules + stored,
    units: units.length,
    stored,
    bytesToRead: sum((unit) => unit.cost.bytes),
    flops,
    peakMemoryBytes: Math.max(
      largest[0] ?? 0,
      together.reduce((total, bytes) => total + bytes, 0),
    ),
    estimatedSeconds: flops / (assumedFlops * threads),
  };
}
