/** What the palette can find, and in which order it shows it. */
import type { TablerIcon } from "@tabler/icons-react";
import { matchPoints, type Searchable, typedWords } from "./match.ts";

export type PaletteGroup = "Recent" | "Modules" | "Runs" | "Views" | "Commands";

export interface PaletteEntry extends Searchable {
  /** Stable over sessions of the page: "module B 31.down_proj". */
  id: string;
  group: PaletteGroup;
  title: string;
  /** Badge of a run, or an icon. */
  letter?: string;
  icon?: TablerIcon;
  /** At the right: "5 intruders". */
  detail?: string;
  keys?: readonly string[];
  /** Breaks ties: more comes first. */
  weight: number;
  run: () => unknown;
}

export interface ShownGroup {
  group: PaletteGroup;
  entries: PaletteEntry[];
}

/** Rows that one group shows; more words narrow the search. */
const groupLimit = 8;
const emptyLimit = 6;
/** What was chosen lately wins over an equal match. */
const recentPoints = 8;

/** Groups with their best entries first; without a text: what was used lately, then views and commands. */
export function search(entries: readonly PaletteEntry[], text: string, recent: readonly string[]): ShownGroup[] {
  const typed = typedWords(text);
  if (typed.length === 0) return unasked(entries, recent);
  const found = entries.flatMap((entry) => {
    const points = matchPoints(entry, typed);
    return points === undefined ? [] : [{ entry, points: points + (recent.includes(entry.id) ? recentPoints : 0) }];
  });
  found.sort((a, b) => b.points - a.points || b.entry.weight - a.entry.weight);
  return grouped(found.map(({ entry }) => entry));
}

function unasked(entries: readonly PaletteEntry[], recent: readonly string[]): ShownGroup[] {
  const used = recent
    .flatMap((id) => entries.find((entry) => entry.id === id) ?? [])
    .slice(0, emptyLimit)
    .map((entry) => ({ ...entry, group: "Recent" as const }));
  const rest = entries.filter((entry) => entry.group !== "Modules" && !recent.includes(entry.id));
  return grouped([...used, ...rest]);
}

/** Groups in the order of their best entry. */
function grouped(entries: readonly PaletteEntry[]): ShownGroup[] {
  const groups = new Map<PaletteGroup, PaletteEntry[]>();
  for (const entry of entries) {
    const group = groups.get(entry.group) ?? [];
    if (group.length < groupLimit) group.push(entry);
    groups.set(entry.group, group);
  }
  return [...groups].map(([group, members]) => ({ group, entries: members }));
}
