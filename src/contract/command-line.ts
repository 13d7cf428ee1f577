/** "Copy as command": the command line for what is on screen. */
import type { AnalysisSettings } from "./domain/analysis.ts";

export interface CommandQuestion {
  base: string;
  tuned: readonly { label: string; path: string }[];
  settings?: Partial<AnalysisSettings>;
  /** Module names that the command is limited to; all when absent. */
  modules?: readonly string[];
  /** The same by kind ("q_proj"), the last part of a module's name. */
  kinds?: readonly string[];
  layers?: { from: number; to: number } | undefined;
}

const unquoted = /^[\w@%+=:,./-]+$/;

/** One word for a POSIX shell. */
export function shellWord(text: string): string {
  return unquoted.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** Regular expression that matches exactly these names. */
export function exactNames(names: readonly string[]): string {
  const escaped = names.map((name) => name.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  return `^(?:${escaped.join("|")})$`;
}

/** `deltascope analyze …`, each value quoted; defaults are said too, so that the line keeps its meaning. */
export function analyzeCommand({ base, tuned, settings = {}, modules, kinds = [], layers }: CommandQuestion): string {
  const words = ["deltascope", "analyze", "--base", shellWord(base)];
  for (const { label, path } of tuned) words.push("--tuned", shellWord(`${label}=${path}`));
  if (settings.k !== undefined) words.push("--k", String(settings.k));
  if (settings.epsilon !== undefined) words.push("--epsilon", String(settings.epsilon));
  if (settings.side !== undefined) words.push("--side", settings.side);
  if (settings.exact) words.push("--exact");
  if (settings.asMerged) words.push("--as-merged");
  if (layers) words.push("--layers", `${layers.from}-${layers.to}`);
  if (kinds.length > 0) words.push("--modules", shellWord(`\\.(${kinds.join("|")})$`));
  if (modules) words.push("--modules", shellWord(exactNames(modules)));
  return words.join(" ");
}
