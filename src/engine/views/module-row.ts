/** A module that was just measured, as the row of scalars that views show. */
import type { ModuleMeasures } from "../../contract/domain/analysis.ts";
import type { ModuleRow } from "../../contract/domain/cells.ts";
import type { SideMeasures } from "../../contract/domain/intruder.ts";
import type { DeltaMeasures } from "../../contract/domain/spectrum.ts";

/** The same row that the store gives for this module later. */
export function moduleRowOf(analysis: string, module: ModuleMeasures): ModuleRow {
  const { name, layer, kind, group, expert, shape, status, rounding, decision, sides } = module;
  return {
    analysis,
    name,
    layer,
    kind,
    group,
    expert,
    shape,
    status,
    error: module.error?.message ?? null,
    errorCode: module.error?.code ?? null,
    ...deltaFields(module.delta),
    unchangedShare: rounding?.unchangedShare ?? null,
    roundingVerdict: rounding?.verdict ?? null,
    bounds: { left: sideBounds(sides.left), right: sideBounds(sides.right) },
    intruders: module.intruders,
    undecided: module.undecided,
    intruderEnergy: module.intruderEnergy,
    pressure: module.pressure,
    decisionMethod: decision?.method ?? null,
    seconds: module.seconds,
  };
}

function deltaFields(delta: DeltaMeasures | null) {
  const ranks = delta?.effectiveRank;
  return {
    frobenius: delta?.frobenius ?? null,
    spectral: delta?.spectral ?? null,
    relative: delta?.relative ?? null,
    stableRank: ranks?.stable ?? null,
    entropyRank: ranks?.entropy ?? null,
    participation: ranks?.participation ?? null,
    energy50: ranks?.energy50 ?? null,
    energy90: ranks?.energy90 ?? null,
    energy95: ranks?.energy95 ?? null,
    energy99: ranks?.energy99 ?? null,
    decayLaw: delta?.decay?.law ?? null,
    decayExponent: delta?.decay?.exponent ?? null,
    method: delta?.method ?? null,
  };
}

function sideBounds(side: SideMeasures | undefined): ModuleRow["bounds"]["left"] {
  if (!side) return null;
  return {
    lower: side.vectors.map(({ maxCosine }) => maxCosine.lower),
    upper: side.vectors.map(({ maxCosine }) => maxCosine.upper),
    deltaShare: side.vectors.map(({ deltaShare }) => deltaShare),
  };
}
