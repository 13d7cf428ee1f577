/** What is said after files were dropped, or folders chosen. */
import { formatCount, formatNumberOf } from "../../../../src/contract/format.ts";

/** `library.add` takes no more at once; whoever drops more means a folder. */
export const mostPaths = 20_000;

/** One sentence where the rows alone do not tell what became of the paths; undefined when they do. */
export function addedSentence(dropped: number, found: number, fresh: number): string | undefined {
  if (dropped > mostPaths) {
    return `${formatCount(dropped)} files were dropped and the first ${formatCount(mostPaths)} looked at. Drop their folder instead.`;
  }
  if (dropped > 1 && found < dropped) {
    return `${formatNumberOf(found, "checkpoint or adapter", "checkpoints and adapters")} found among ${formatCount(dropped)} dropped files; the others belong to none.`;
  }
  return fresh === 0 ? "Already in the list; read again." : undefined;
}
