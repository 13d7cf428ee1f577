/** Computes units and turns every answer into measures; failures stay beside the results. */
import type { AnalysisSettings, ModuleMeasures } from "../../contract/domain/analysis.ts";
import { DeltaScopeError, toDeltaScopeError } from "../../contract/errors.ts";
import type { Backend, ModuleAnswer } from "../linalg/backend.ts";
import { failureToError } from "../linalg/failure.ts";
import { failedModule, measuredModule } from "./measures/module.ts";
import type { Unit, UnitRun } from "./plan.ts";
import { epsilonsFor, sidesFor } from "./question.ts";

/** One run's measures at one module. */
export interface UnitResult {
  analysis: string;
  module: ModuleMeasures;
}

/**
 * Computes one unit. Never throws except for a cancel, which leaves the unit out: a cancelled unit was not measured
 * and must not be stored as failed.
 */
export async function computeUnit(
  unit: Unit,
  threads: number,
  settings: AnalysisSettings,
  backend: Backend,
  signal: AbortSignal | undefined,
): Promise<UnitResult[] | "cancelled"> {
  try {
    const answer = await backend.analyzeModule(questionFor(unit, threads, settings), signal);
    return unit.runs.map((run, index) => ({ analysis: run.analysis, module: measure(run, index, answer, settings) }));
  } catch (thrown) {
    const error = toDeltaScopeError(thrown);
    if (error.code === "job.cancelled" || signal?.aborted) return "cancelled";
    const document = withPlace(error, unit.name).toDocument();
    return unit.runs.map((run) => ({ analysis: run.analysis, module: failedModule(run.pair, document) }));
  }
}

function questionFor(unit: Unit, threads: number, settings: AnalysisSettings) {
  const storage = unit.runs.find((run) => run.rounding)?.rounding;
  return {
    name: unit.name,
    base: unit.base,
    runs: unit.runs.map(({ pair, rounding }, index) => ({ key: String(index), delta: pair.delta, rounding })),
    k: settings.k,
    epsilon: settings.epsilon,
    epsilons: epsilonsFor(settings),
    sides: sidesFor(settings),
    exact: settings.exact,
    asMerged: settings.asMerged ? mergedDtype(unit.base, storage) : undefined,
    seed: settings.seed,
    threads,
  };
}

/** The type a merged checkpoint would be stored in: that of the base. */
export function mergedDtype(base: Unit["base"], storage: "bf16" | "f16" | undefined): "BF16" | "F16" | "F32" {
  const stored = base?.tensor.dtype;
  if (stored === "BF16" || stored === "F16") return stored;
  if (storage) return storage === "bf16" ? "BF16" : "F16";
  return "F32";
}

function measure(run: UnitRun, index: number, answer: ModuleAnswer, settings: AnalysisSettings): ModuleMeasures {
  const one = answer.runs[index];
  if (one?.answer) return measuredModule(run.pair, answer, one.answer, settings, run.rounding !== undefined);
  const error = one?.error ? failureToError(one.error) : new DeltaScopeError("internal", "No answer for this run.");
  return failedModule(run.pair, withPlace(error, run.pair.name).toDocument());
}

function withPlace(error: DeltaScopeError, place: string): DeltaScopeError {
  return error.where === undefined ? new DeltaScopeError(error.code, error.message, place) : error;
}
