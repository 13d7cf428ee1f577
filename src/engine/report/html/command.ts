/** The command line that asks the same question again, quoted for a POSIX shell. */
import type { AnalysisDocument } from "../../../contract/domain/analysis.ts";

/** Filters of modules and layers are not part of a document, so they are not part of the command. */
export function analyzeCommand({ base, runs, settings }: AnalysisDocument): string {
  const words = ["deltascope", "analyze", "--base", quote(base.path)];
  for (const { label, path } of runs) words.push("--tuned", quote(`${label}=${path}`));
  words.push("--k", String(settings.k), "--epsilon", String(settings.epsilon), "--side", settings.side);
  if (settings.seed !== 0) words.push("--seed", String(settings.seed));
  if (settings.quick) words.push("--quick");
  if (settings.exact) words.push("--exact");
  if (settings.asMerged) words.push("--as-merged");
  return words.join(" ");
}

function quote(text: string): string {
  return /^[\w./=:@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
