/** The command line that measures what is on screen. */
import { analyzeCommand, shellWord } from "../../../../src/contract/command-line.ts";
import type { AppRun } from "../../../../src/contract/domain/cells.ts";
import type { Brush } from "./brush.ts";
import type { TestSettings } from "./test-settings.ts";

export interface CommandView {
  runs: readonly AppRun[];
  settings: TestSettings;
  brush: Brush | undefined;
  kinds: readonly string[];
}

/** One line for a POSIX shell. */
export function commandOf({ runs, settings, brush, kinds }: CommandView): string {
  const whole = analyzeCommand({
    base: runs[0]?.base.path ?? "",
    tuned: runs.map(({ label, path }) => ({ label, path })),
    settings: { ...settings, asMerged: runs.some(({ asMerged }) => asMerged) },
  });
  const layers = brush && `--layers ${brush.from}-${brush.to}`;
  // Kinds are the last part of a module's name, and words of the program.
  const modules = kinds.length > 0 && `--modules ${shellWord(`\\.(${kinds.join("|")})$`)}`;
  return [whole, layers, modules].filter(Boolean).join(" ");
}
