/** The intruder test at any ε and any smaller k, decided again from the stored bounds. */
import type { AppRun, ModuleRow } from "../../../../src/contract/domain/cells.ts";

export interface TestSettings {
  k: number;
  epsilon: number;
  side: "left" | "right";
}

export interface Decision {
  /** Vectors that were tested: k, or fewer where fewer are stored. */
  tested: number;
  intruders: number;
  /** Vectors whose bounds lie on both sides of ε. */
  undecided: number;
  /** Share of ‖ΔW‖² along the intruders. */
  energy: number;
  /** Bounds of the lowest best cosine among the tested vectors. */
  cosine: { lower: number; upper: number };
}

/** Undefined when this side was not tested. */
export function decide(row: ModuleRow, { k, epsilon, side }: TestSettings): Decision | undefined {
  const bounds = row.bounds[side];
  if (bounds === null || bounds.lower.length === 0) return undefined;
  const tested = Math.min(k, bounds.lower.length);
  const decision: Decision = { tested, intruders: 0, undecided: 0, energy: 0, cosine: { lower: 1, upper: 1 } };
  for (let index = 0; index < tested; index += 1) {
    const lower = bounds.lower[index] ?? 0;
    const upper = bounds.upper[index] ?? 1;
    decision.cosine.lower = Math.min(decision.cosine.lower, lower);
    decision.cosine.upper = Math.min(decision.cosine.upper, upper);
    if (lower >= epsilon) continue;
    if (upper < epsilon) {
      decision.intruders += 1;
      decision.energy += bounds.deltaShare[index] ?? 0;
    } else decision.undecided += 1;
  }
  return decision;
}

/** Decides every row once: rows keep their identity while results arrive. */
export function createDecider(settings: TestSettings): (row: ModuleRow) => Decision | undefined {
  const known = new WeakMap<ModuleRow, Decision | undefined>();
  return (row) => {
    if (known.has(row)) return known.get(row);
    const decision = decide(row, settings);
    known.set(row, decision);
    return decision;
  };
}
export type Decider = ReturnType<typeof createDecider>;

/** What the runs were asked, where the address does not say otherwise: the smallest stored k, the first run's ε and side. */
export function settingsOf(
  runs: readonly AppRun[],
  asked: { k?: number | undefined; eps?: number | undefined; side?: "left" | "right" | undefined },
): TestSettings {
  const first = runs[0];
  const stored = storedK(runs);
  return {
    k: Math.min(asked.k ?? stored, stored),
    epsilon: asked.eps ?? first?.epsilon ?? 0.5,
    side: asked.side ?? (first?.side === "right" ? "right" : "left"),
  };
}

/** Largest k that every run can answer. */
export function storedK(runs: readonly AppRun[]): number {
  return runs.length === 0 ? 10 : Math.min(...runs.map(({ k }) => k));
}

/** Sides that every run was tested on. */
export function storedSides(runs: readonly AppRun[]): ("left" | "right")[] {
  return (["left", "right"] as const).filter((side) => runs.every((run) => run.side === "both" || run.side === side));
}
