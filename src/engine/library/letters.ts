/** Letters of runs, the same in every view. */

const letters = "ABCDEFGH";

/** "A" … "H" in the order of adding, then again from "A". @param position counted from 0 */
export function letterAt(position: number): string {
  return letters.charAt(position % letters.length);
}
