/** The Inspector's sentence: what was tested, what was found, and the yardstick for this width. Pure. */

import {
  formatCosine,
  formatCount,
  formatShare,
  formatThreshold,
  formatTwoDecimals,
} from "../../../../src/contract/format.ts";
import { randomDirectionOf } from "../../../../src/contract/random-direction.ts";
import { type Tested, weakestMatch } from "./tested.ts";

export interface Sentence {
  /** The finding, in bold. */
  lead: string;
  rest: string;
}

export function sentenceOf(tested: Tested, shape: readonly [number, number]): Sentence {
  return {
    lead: leadOf(tested),
    rest: [...energyOf(tested), ...undecidedOf(tested), yardstick(tested, shape)].join(" "),
  };
}

function leadOf(tested: Tested): string {
  const { count, intruders, undecided, settings } = tested;
  const vectors = `top ${formatCount(count)} ${settings.side} singular vectors of W`;
  const threshold = `above ε = ${formatThreshold(settings.epsilon)}`;
  if (intruders.length > 0) {
    const verb = intruders.length === 1 ? "matches" : "match";
    return `${formatCount(intruders.length)} of the ${vectors} ${verb} no base vector ${threshold}.`;
  }
  if (undecided > 0) return `${formatCount(count - undecided)} of the ${vectors} match a base vector ${threshold}.`;
  return `Each of the ${vectors} matches a base vector ${threshold}.`;
}

function energyOf(tested: Tested): string[] {
  const { intruders, energy } = tested;
  if (intruders.length > 0) {
    const subject = intruders.length === 1 ? "It carries" : "They carry";
    return energy === undefined ? [] : [`${subject} ${formatShare(energy)} of the change’s energy.`];
  }
  const weakest = weakestMatch(tested);
  return weakest === undefined || tested.undecided > 0 ? [] : [`The weakest match is ${formatCosine(weakest)}.`];
}

function undecidedOf({ undecided }: Tested): string[] {
  if (undecided === 0) return [];
  return [
    undecided === 1
      ? "One is undecided: its bounds straddle ε."
      : `${undecided} are undecided: their bounds straddle ε.`,
  ];
}

/** What a direction without any relation to the base would reach. */
function yardstick({ settings }: Tested, shape: readonly [number, number]): string {
  const width = settings.side === "left" ? shape[0] : shape[1];
  const value = randomDirectionOf(shape, settings.side);
  const dimensions = `${formatCount(width)} dimensions`;
  return `A random direction in ${dimensions} would match at ≈ ${formatTwoDecimals(value)}.`;
}

/** "upper bound 0.231 < ε, 24 steps": what proves the decision of one vector. */
export function certificateOf(
  vector: { lower: number; upper: number; intruder: boolean | undefined; exact: boolean },
  decision: Tested["decision"],
): string {
  if (vector.exact) return `exact view, ${vector.intruder ? "below" : "not below"} ε`;
  const means = meansOf(decision);
  if (vector.intruder === undefined) return `bounds straddle ε, ${means}`;
  return vector.intruder
    ? `upper bound ${formatCosine(vector.upper)} < ε, ${means}`
    : `lower bound ${formatCosine(vector.lower)} ≥ ε, ${means}`;
}

function meansOf(decision: Tested["decision"]): string {
  switch (decision?.method) {
    case "exact":
      return "exact";
    case "matched":
      return "by the top base vectors";
    default:
      return `${formatCount(decision?.steps)} steps`;
  }
}
