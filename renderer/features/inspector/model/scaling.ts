/** Which vectors λ scales, and what each arm does to the weights. Pure. */
import { isIntruder } from "../../../../src/contract/decide.ts";
import type { AuditDocument, SweepPoint } from "../../../../src/contract/domain/audit.ts";
import type { ModuleRow } from "../../../../src/contract/domain/cells.ts";
import type { Arm, ArmOutcome, EditGeometry, Which } from "../../../../src/contract/domain/edit.ts";
import { armOutcomeOf } from "../../../../src/contract/intervention.ts";
import type { Tested, TestSettings } from "./tested.ts";

/** Arms in the order of the table; the first is the run as trained. */
export const tableArms: readonly Arm[] = ["scale", "step", "shrink", "rescaled", "neighbour", "interpolate"];

export const armTitles: Record<Arm, { name: string; meaning: string }> = {
  scale: { name: "Intruders × λ", meaning: "The intervention: the chosen intruders times λ" },
  step: {
    name: "ΔW, same step",
    meaning: "Control: all of ΔW of the same modules shrunk by a step as long as the intervention's",
  },
  shrink: {
    name: "ΔW, same norm",
    meaning: "Control: all of ΔW of the same modules shrunk to the norm that the intervention leaves",
  },
  rescaled: { name: "Rescaled", meaning: "The intervention, then ΔW brought back to its first norm" },
  neighbour: { name: "Neighbours", meaning: "Control: the nearest vectors that are no intruders, times λ" },
  interpolate: { name: "Whole ΔW × λ", meaning: "Between base and tuned: W0 + λ·ΔW" },
};

/** Ranks of the address; undefined for a rule. */
export function tickedRanks(which: string | undefined): number[] | undefined {
  if (which === undefined || which === "all" || which === "strongest") return undefined;
  return [...new Set(which.split(",").map(Number))].filter((rank) => rank >= 1).sort((a, b) => a - b);
}

/** Ranks in W, from 1. */
export function chosenRanks({ intruders, vectors }: Tested, which: string | undefined): number[] {
  const ticked = tickedRanks(which);
  if (ticked) return ticked.filter((rank) => vectors.some((vector) => vector.rank === rank));
  const ranks = intruders.map(({ rank }) => rank);
  return which === "all" ? ranks : ranks.slice(0, 1);
}

/** The ranks with one more or one less; the last one stays, because a choice of nothing has no address. */
export function toggledRanks(ranks: readonly number[], rank: number): string | undefined {
  const next = ranks.includes(rank) ? ranks.filter((other) => other !== rank) : [...ranks, rank];
  return next.length === 0 ? ranks.join(",") : next.sort((a, b) => a - b).join(",");
}

/** Decides the vectors again at the ε on screen, from the stored bounds of their modules. */
export function decidedAgain(
  geometries: readonly EditGeometry[],
  rows: readonly ModuleRow[],
  { epsilon }: TestSettings,
): EditGeometry[] {
  const byName = new Map(rows.map((row) => [row.name, row.bounds.left]));
  return geometries.map((geometry) => {
    const bounds = byName.get(geometry.module);
    if (!bounds) return geometry;
    const vectors = geometry.vectors.map((vector) => {
      const [lower, upper] = [bounds.lower[vector.index], bounds.upper[vector.index]];
      if (lower === undefined || upper === undefined) return vector;
      return { ...vector, intruder: isIntruder(lower, upper, epsilon) ?? null };
    });
    return { ...geometry, vectors };
  });
}

export interface ArmLine {
  /** Undefined: as trained. */
  arm: Arm | undefined;
  name: string;
  meaning: string;
  weights: ArmOutcome;
  point: SweepPoint | undefined;
}

export interface ArmQuestion {
  lambda: number;
  which: Which;
  k: number;
  label: string;
}

/** As trained, then every arm: its weights in closed form, its task figures where they are stored. */
export function armLines(
  geometries: readonly EditGeometry[],
  document: AuditDocument | undefined,
  { lambda, which, k, label }: ArmQuestion,
): ArmLine[] {
  const points = document?.sweep.filter((point) => point.label === label) ?? [];
  const trained = points.find((point) => point.lambda === 1);
  const first = armOutcomeOf(geometries, { arm: "scale", lambda: 1, which, k });
  return [
    { arm: undefined, name: "As trained", meaning: "λ = 1", weights: first, point: trained },
    ...tableArms.map((arm) => ({
      arm,
      ...armTitles[arm],
      weights: armOutcomeOf(geometries, { arm, lambda, which, k }),
      point: lambda === 1 ? trained : points.find((point) => point.arm === arm && point.lambda === lambda),
    })),
  ];
}
