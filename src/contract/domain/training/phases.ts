/** What a trainer does, in words: the phases of its protocol. */

const words = new Map([
  ["import", "loading Python's libraries"],
  ["tokenize", "reading the data"],
  ["load", "loading the base"],
  ["train", "training"],
  ["eval", "evaluating"],
  ["save", "saving a checkpoint"],
  ["export", "writing the result"],
]);

/** A phase of a newer trainer stands for itself. */
export function phaseWords(phase: string): string {
  return words.get(phase) ?? phase;
}
