/** How findings are put together: the sentence in pieces, its text, and the rows behind it. */
import type {
  AnalysisSettings,
  ModuleMeasures,
  RunDocument,
  VectorMeasures,
} from "../../../contract/domain/analysis.ts";
import type { Finding, FindingPart } from "../../../contract/domain/finding.ts";
import { findingText } from "../../../contract/finding-text.ts";
import { formatThreshold } from "../../../contract/format.ts";

/** A run as findings see it. */
export interface FindingRun extends Pick<RunDocument, "label" | "kind" | "totals"> {
  /** The modules that count in the totals. */
  modules: readonly ModuleMeasures[];
  /** Norms and biases. */
  vectors?: readonly VectorMeasures[];
}

export type FindingSettings = Pick<AnalysisSettings, "k" | "epsilon" | "side">;
type Standing = "certified" | "computed" | "estimated";

/** One run's part of a sentence, with the modules it speaks of. */
export interface Clause {
  parts: FindingPart[];
  modules: readonly string[];
}

export function run(label: string): FindingPart {
  return { run: label };
}

export function text(words: string): FindingPart {
  return { text: words };
}

export function value(number: number, unit: string, standing: Standing): FindingPart {
  return { value: number, unit, standing };
}

/** The test's settings, so that no count stands without them. */
export function testSettings({ k, epsilon, side }: FindingSettings): FindingPart {
  return text(` (k ${k}, ε ${formatThreshold(epsilon)}${side === "right" ? ", right vectors" : ""})`);
}

/** Clauses joined by semicolons; nothing when there are none. */
export function sentence(
  id: string,
  view: string,
  clauses: readonly Clause[],
  frame: { before?: FindingPart[]; after?: FindingPart[] } = {},
): Finding[] {
  if (clauses.length === 0) return [];
  const middle = clauses.flatMap(({ parts }, index) => (index === 0 ? parts : [text("; "), ...parts]));
  const parts = [...(frame.before ?? []), ...middle, ...(frame.after ?? []), text(".")];
  const modules = [...new Set(clauses.flatMap((clause) => clause.modules))];
  return [{ id, text: findingText(parts), parts, evidence: { view, modules } }];
}

export function names(modules: readonly ModuleMeasures[]): string[] {
  return modules.map(({ name }) => name);
}

/** " of 28 modules", or " of 27 tested modules" when some of the run's modules were not tested. */
export function outOf(count: number, whole: number, word: string): FindingPart {
  const adjective = count === whole ? "" : `${word} `;
  return text(` of ${count} ${adjective}module${count === 1 ? "" : "s"}`);
}
