/** Ids of runs as addresses carry them. */

/** Of a million runs two share these digits with probability 0.002. */
const runIdDigits = 12;

/** The first digits of the hash of a run's question. */
export function shortRunId(analysis: string): string {
  return analysis.slice(0, runIdDigits);
}
