/** Pieces that sentences about forgetting share. */
import type { FindingPart } from "../../../contract/domain/finding.ts";
import { formatNumberOf, formatPoints } from "../../../contract/format.ts";
import { text, value } from "../../report/findings/sentence.ts";

export const forgettingView = "forgetting";

/** "+57.5 points" */
export function points(difference: number): FindingPart[] {
  const number = value(difference * 100, "points", "computed");
  return difference > 0 ? [text("+"), number] : [number];
}

/** "95 % interval −1.2 … +0.9 points, 300 items"; without an interval only the items. */
export function intervalWords(ci95: readonly [number, number] | null, items: number): string {
  const counted = formatNumberOf(items, "item");
  if (ci95 === null) return counted;
  return `95 % interval ${formatPoints(ci95[0], 1)} … ${formatPoints(ci95[1], 1)} points, ${counted}`;
}

/** The whole interval lies on one side of zero. */
export function isDetected(ci95: readonly [number, number] | null): boolean {
  return ci95 !== null && (ci95[0] > 0 || ci95[1] < 0);
}

/** "a", "a and b", "a, b and c". */
export function listed(words: readonly string[]): string {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

export function parenthesis(words: string): FindingPart {
  return text(` (${words})`);
}
