/** Items that turned from right to wrong, or the reverse. Pure. */
import type { AuditDocument, Flip } from "../../../../src/contract/domain/audit.ts";
import type { Pair } from "./question.ts";

export interface PairFlips {
  lost: readonly Flip[];
  gained: readonly Flip[];
}

/** Flips of one task between base and one checkpoint, the largest change of the right answer first. */
export function pairFlips(document: AuditDocument, task: string, pair: Pair): PairFlips {
  const own = document.flips.filter((flip) => flip.task === task && isFlipOf(flip, pair));
  const sorted = own.sort((a, b) => Math.abs(b.goldChange) - Math.abs(a.goldChange) || a.index - b.index);
  return { lost: sorted.filter(({ kind }) => kind === "lost"), gained: sorted.filter(({ kind }) => kind === "gained") };
}

function isFlipOf(flip: Flip, { subject, lambda }: Pair): boolean {
  return flip.label === subject.label && flip.lambda === lambda && (lambda === 1 || flip.arm === "scale");
}

/** Items lost by the run as trained that are right again at λ; undefined where λ is not measured on this task. */
export function comeBack(
  document: AuditDocument,
  task: string,
  pair: Pair,
  lambda: number | undefined,
): number | undefined {
  if (lambda === undefined || lambda === 1 || pair.lambda !== 1) return undefined;
  const edited = { subject: pair.subject, lambda };
  const measured = document.rows.some(
    (row) => row.task === task && row.label === pair.subject.label && row.lambda === lambda && row.arm === "scale",
  );
  if (!measured) return undefined;
  const still = new Set(pairFlips(document, task, edited).lost.map(({ index }) => index));
  return pairFlips(document, task, pair).lost.filter(({ index }) => !still.has(index)).length;
}

/** A, B, C …; beyond the alphabet the number. */
export function choiceLetter(index: number): string {
  return index < 26 ? String.fromCharCode(65 + index) : String(index + 1);
}
