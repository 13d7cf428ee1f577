/** Modules and runs as entries of the palette. */
import type { AppRun, ModuleRow } from "../../../src/contract/domain/cells.ts";
import { formatNumberOf, formatShare } from "../../../src/contract/format.ts";
import { shortRunId } from "../../../src/contract/run-id.ts";
import { shortText } from "../../../src/contract/text.ts";
import type { PaletteEntry } from "./entries.ts";

export interface ModuleActions {
  showModule: (run: AppRun, row: ModuleRow) => void;
  compareRun: (run: AppRun) => void;
}

/** More than any count of intruders weighs. */
const onScreen = 1e9;

/** Modules of the runs in `shown` stand before those of others: what is on screen is what is meant. */
export function moduleEntries(
  runs: readonly AppRun[],
  rows: readonly ModuleRow[],
  actions: ModuleActions,
  shown: ReadonlySet<string> = new Set(),
): PaletteEntry[] {
  const byAnalysis = new Map(runs.map((run) => [run.id, run]));
  return rows.flatMap((row) => {
    const run = byAnalysis.get(shortRunId(row.analysis));
    if (!run) return [];
    const entry = moduleEntry(run, row, () => actions.showModule(run, row));
    return [shown.has(run.id) ? { ...entry, weight: entry.weight + onScreen } : entry];
  });
}

function moduleEntry(run: AppRun, row: ModuleRow, show: () => void): PaletteEntry {
  const kind = shortText(row.kind, 60);
  const place = row.layer === null ? kind : `Layer ${row.layer} · ${kind}`;
  return {
    id: `module ${run.id} ${row.name}`,
    group: "Modules",
    title: row.expert === null ? place : `${place} · expert ${row.expert}`,
    letter: run.letter,
    detail: moduleDetail(row),
    words: moduleWords(run, row),
    weight: (row.intruders ?? 0) * 1000 + (row.relative ?? 0),
    run: show,
  };
}

function moduleDetail(row: ModuleRow): string {
  if (row.status === "failed") return "failed";
  return row.intruders === null ? formatShare(row.relative) : formatNumberOf(row.intruders, "intruder");
}

function moduleWords(run: AppRun, row: ModuleRow): string[] {
  const layer = row.layer === null ? [] : [`l${row.layer}`, String(row.layer), "layer"];
  const kind = row.kind.toLowerCase();
  return [...layer, kind, ...kind.split("_"), run.letter.toLowerCase(), run.label.toLowerCase()];
}

export function runEntries(runs: readonly AppRun[], actions: ModuleActions): PaletteEntry[] {
  return runs.map((run) => ({
    id: `run ${run.id}`,
    group: "Runs",
    title: shortText(run.label, 60),
    letter: run.letter,
    detail: run.detail,
    words: ["run", run.letter.toLowerCase(), run.label.toLowerCase(), ...run.label.toLowerCase().split(/[-_\s]+/)],
    weight: 0,
    run: () => actions.compareRun(run),
  }));
}
