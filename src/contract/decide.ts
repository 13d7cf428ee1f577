/** Intruders at any ε and any k up to the stored one, from the stored bounds alone. */

/** Bounds of the best |cosine| of the top vectors of one side, and what part of ‖ΔW‖² lies along each. */
export interface StoredBounds {
  lower: readonly number[];
  upper: readonly number[];
  deltaShare: readonly number[];
}

export interface Decided {
  /** Vectors that were tested: the asked k, or fewer where fewer are stored. */
  tested: number;
  intruders: number;
  undecided: number;
  /** Share of ‖ΔW‖² along the intruders. */
  energy: number;
}

/** True: an intruder. False: a base vector matches. Undefined: the bounds straddle ε. */
export function isIntruder(lower: number, upper: number, epsilon: number): boolean | undefined {
  if (upper < epsilon) return true;
  return lower >= epsilon ? false : undefined;
}

export function decide({ lower, upper, deltaShare }: StoredBounds, k: number, epsilon: number): Decided {
  const decided: Decided = { tested: Math.min(k, lower.length), intruders: 0, undecided: 0, energy: 0 };
  for (let index = 0; index < decided.tested; index += 1) {
    const answer = isIntruder(lower[index] ?? 0, upper[index] ?? 1, epsilon);
    if (answer === undefined) decided.undecided += 1;
    if (!answer) continue;
    decided.intruders += 1;
    decided.energy += deltaShare[index] ?? 0;
  }
  return decided;
}
