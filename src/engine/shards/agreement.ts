/** Whether two measurements of one module are the same answer, as far as the engine promises accuracy. */
import type { ModuleMeasures } from "../../contract/domain/analysis.ts";
import type { SideMeasures } from "../../contract/domain/intruder.ts";

/**
 * Machines differ in the last digits: their processors add in different orders. Each value is promised to 1e-5 of
 * itself, singular values down to 1e-5 of the largest, so two honest ones differ by no more than twice that.
 */
const tolerance = 2e-5;
const resolved = 1e-5;
/** Bounds of one cosine that hold the truth cannot lie further apart than the vectors themselves may. */
const cosineSlack = 1e-3;

/** What differs, in words with both numbers; undefined where nothing does. Times are not compared. */
export function disagreement(one: ModuleMeasures, other: ModuleMeasures): string | undefined {
  for (const [what, pick] of comparisons) {
    const [first, second] = [pick(one), pick(other)];
    if (!agree(first, second)) return inWords(what, first, second);
  }
  return sidesDisagree(one, other);
}

type Value = number | string | readonly number[] | null | undefined;

const comparisons: readonly [string, (module: ModuleMeasures) => Value][] = [
  ["shape", ({ shape }) => shape.join(" × ")],
  ["‖ΔW‖ (Frobenius)", ({ delta }) => delta?.frobenius],
  ["‖ΔW‖₂", ({ delta }) => delta?.spectral],
  ["relative ΔW", ({ delta }) => delta?.relative],
  ["singular values of ΔW", ({ delta }) => delta?.singularValues],
  ["‖W0‖", ({ base }) => base?.frobenius],
  ["singular values of W0", ({ base }) => base?.singularValues],
  ["‖W‖", ({ tuned }) => tuned?.frobenius],
  ["singular values of W", ({ tuned }) => tuned?.singularValues],
  ["unchanged share", ({ rounding }) => rounding?.unchangedShare],
];

function agree(one: Value, other: Value): boolean {
  if (typeof one === "number" && typeof other === "number") return close(one, other);
  if (Array.isArray(one) && Array.isArray(other)) return listsAgree(one, other);
  return (one ?? null) === (other ?? null);
}

function close(one: number, other: number): boolean {
  return Math.abs(one - other) <= tolerance * Math.max(Math.abs(one), Math.abs(other));
}

/** Values in falling order; those that no method resolves say nothing. */
function listsAgree(one: readonly number[], other: readonly number[]): boolean {
  const floor = resolved * Math.max(one[0] ?? 0, other[0] ?? 0);
  if (one.length !== other.length) return false;
  return one.every((value, index) => {
    const second = other[index] as number;
    return close(value, second) || Math.max(value, second) < floor;
  });
}

function inWords(what: string, one: Value, other: Value): string {
  if (!(Array.isArray(one) && Array.isArray(other))) return `${what} ${one ?? "absent"} and ${other ?? "absent"}`;
  if (one.length !== other.length) return `${one.length} and ${other.length} ${what}`;
  const at = one.findIndex((value, index) => !close(value as number, other[index] as number));
  return `${what}, number ${at + 1}: ${one[at]} and ${other[at]}`;
}

function sidesDisagree(one: ModuleMeasures, other: ModuleMeasures): string | undefined {
  for (const side of ["left", "right"] as const) {
    const [first, second] = [one.sides[side], other.sides[side]];
    if ((first === undefined) !== (second === undefined)) return `${side} vectors tested in one only`;
    const what = first && second && sideDisagrees(first, second);
    if (what !== undefined) return `${what} (${side})`;
  }
  return undefined;
}

/** Vectors of equal singular values may be any of their space, so their cosines are not compared. */
function sideDisagrees(one: SideMeasures, other: SideMeasures): string | undefined {
  if (one.decision.degenerate || other.decision.degenerate) return undefined;
  const decided = one.undecided === 0 && other.undecided === 0;
  if (decided && one.intruders !== other.intruders) return `${one.intruders} and ${other.intruders} intruders`;
  const at = one.vectors.findIndex(({ maxCosine }, index) => {
    const second = other.vectors[index]?.maxCosine;
    if (second === undefined) return true;
    return Math.max(maxCosine.lower, second.lower) > Math.min(maxCosine.upper, second.upper) + cosineSlack;
  });
  return at === -1 ? undefined : `bounds of the best cosine of vector ${at + 1}`;
}
