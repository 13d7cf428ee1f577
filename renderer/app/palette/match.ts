/** How well an entry answers what was typed: every typed word must be found, whole words count most. */

export interface Searchable {
  /** Lower-case words that stand for the entry: "layer", "31", "l31", "down_proj", "down". */
  words: readonly string[];
}

const points = { whole: 100, beginning: 60, inside: 35, letters: 12 } as const;
/** Letters in order mean little for very short words. */
const shortestLetters = 3;

/** Sum of the points of the typed words; undefined when one of them is not found. An empty text matches all with 0. */
export function matchPoints(entry: Searchable, typed: readonly string[]): number | undefined {
  let sum = 0;
  for (const word of typed) {
    const best = Math.max(0, ...entry.words.map((candidate) => wordPoints(candidate, word)));
    if (best === 0) return undefined;
    sum += best;
  }
  return sum;
}

export function typedWords(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[\s·,]+/)
    .filter((word) => word !== "");
}

function wordPoints(candidate: string, typed: string): number {
  if (candidate === typed) return points.whole;
  // "l3" means layer 3; layer 31 only begins like it.
  if (candidate.startsWith(typed)) return points.beginning - Math.min(10, candidate.length - typed.length);
  if (typed.length > 1 && candidate.includes(typed)) return points.inside;
  return typed.length >= shortestLetters && hasLettersInOrder(candidate, typed) ? points.letters : 0;
}

function hasLettersInOrder(candidate: string, typed: string): boolean {
  let from = 0;
  for (const letter of typed) {
    const at = candidate.indexOf(letter, from);
    if (at < 0) return false;
    from = at + 1;
  }
  return true;
}
