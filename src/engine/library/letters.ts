/** Short marks of runs: letters in every view, ids in addresses. */

const letters = "ABCDEFGH";

/** "A" … "H" in the order of adding, then again from "A". @param position counted from 0 */
export function letterAt(position: number): string {
  return letters.charAt(position % letters.length);
}

/** Of a million runs two share these digits with probability 0.002. */
const runIdDigits = 12;

/** Id of a run in addresses: the first digits of its question's hash. */
export function shortRunId(analysis: string): string {
  return analysis.slice(0, runIdDigits);
}
