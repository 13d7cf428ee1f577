/** The command line that measures what is on screen. */
import type { AppRun } from "../../../../src/contract/domain/cells.ts";
import type { Brush } from "./brush.ts";
import type { TestSettings } from "./test-settings.ts";

export interface CommandView {
  runs: readonly AppRun[];
  settings: TestSettings;
  brush: Brush | undefined;
  kinds: readonly string[];
}

/** One line for a POSIX shell; every word that could be read as anything else is quoted. */
export function commandOf({ runs, settings, brush, kinds }: CommandView): string {
  const base = runs[0]?.base.path;
  return [
    "deltascope analyze",
    ...(base === undefined ? [] : ["--base", quoted(base)]),
    ...runs.flatMap(({ label, path }) => ["--tuned", quoted(`${label}=${path}`)]),
    `--k ${settings.k}`,
    `--epsilon ${settings.epsilon}`,
    `--side ${settings.side}`,
    ...(runs.some(({ asMerged }) => asMerged) ? ["--as-merged"] : []),
    ...(brush === undefined ? [] : [`--layers ${brush.from}-${brush.to}`]),
    ...(kinds.length === 0 ? [] : ["--modules", quoted(`\\.(${kinds.map(escapePattern).join("|")})$`)]),
  ].join(" ");
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
