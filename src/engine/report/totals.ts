/** What a run's modules add up to. */
import { layerModules } from "../../contract/counted-modules.ts";
import type { ModuleMeasures, RunTotals } from "../../contract/domain/analysis.ts";
import { definedNumbers } from "../../contract/statistics.ts";

/**
 * Modules that count in the totals: embeddings and head only when asked, or when the run has nothing else.
 */
export function modulesToCount(modules: readonly ModuleMeasures[], embeddings: boolean): ModuleMeasures[] {
  const inLayers = layerModules(modules);
  return embeddings || inLayers.length === 0 ? [...modules] : inLayers;
}

/** @param modules those that count, failed ones included. */
export function runTotals(modules: readonly ModuleMeasures[]): RunTotals {
  const measured = modules.filter(({ status }) => status === "measured");
  return {
    modules: modules.length,
    failed: modules.length - measured.length,
    intruders: sumOrNull(measured.map(({ intruders }) => intruders)),
    undecided: sumOrNull(measured.map(({ undecided }) => undecided)),
    modulesWithIntruders: countOrNull(measured),
    deltaFrobenius: measured.length === 0 ? null : rootOfSquares(measured.map(({ delta }) => delta?.frobenius)),
    relativeDelta: relativeDelta(measured),
    intruderEnergy: intruderEnergy(measured),
    meanEffectiveRank: meanOrNull(measured.map(({ delta }) => delta?.effectiveRank.entropy)),
  };
}

function sumOrNull(values: readonly (number | null)[]): number | null {
  const defined = definedNumbers(values);
  return defined.length === 0 ? null : defined.reduce((sum, value) => sum + value, 0);
}

function countOrNull(modules: readonly ModuleMeasures[]): number | null {
  const tested = definedNumbers(modules.map(({ intruders }) => intruders));
  return tested.length === 0 ? null : tested.filter((count) => count > 0).length;
}

function meanOrNull(values: readonly (number | null | undefined)[]): number | null {
  const defined = definedNumbers(values);
  return defined.length === 0 ? null : defined.reduce((sum, value) => sum + value, 0) / defined.length;
}

function rootOfSquares(values: readonly (number | null | undefined)[]): number {
  return Math.sqrt(definedNumbers(values).reduce((sum, value) => sum + value * value, 0));
}

/** √Σ‖ΔW‖² / √Σ‖W0‖² over the modules whose base is known; null when none is or all are zero. */
function relativeDelta(modules: readonly ModuleMeasures[]): number | null {
  const known = modules.flatMap((module) => {
    const base = baseFrobenius(module);
    return base === undefined || module.delta === null ? [] : [{ delta: module.delta.frobenius, base }];
  });
  const base = rootOfSquares(known.map((entry) => entry.base));
  return base === 0 ? null : rootOfSquares(known.map((entry) => entry.delta)) / base;
}

/** ‖W0‖_F, stated or drawn from the relative change; undefined when neither says it. */
function baseFrobenius({ base, delta }: ModuleMeasures): number | undefined {
  if (base) return base.frobenius;
  return delta?.relative ? delta.frobenius / delta.relative : undefined;
}

/** Share of Σ‖ΔW‖_F² that lies along the intruders, over the modules that were tested. */
function intruderEnergy(modules: readonly ModuleMeasures[]): number | null {
  let along = 0;
  let whole = 0;
  for (const { intruderEnergy: share, delta } of modules) {
    if (share === null || delta === null) continue;
    along += share * delta.frobenius ** 2;
    whole += delta.frobenius ** 2;
  }
  return whole === 0 ? null : along / whole;
}
