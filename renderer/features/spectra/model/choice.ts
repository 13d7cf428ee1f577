/** What the address chooses of the workspace: runs, kind, layers, and the module of the tail. Pure. */
import type { AppRun, ModuleRow } from "../../../../src/contract/domain/cells.ts";
import type { SpectraSearch } from "../search.ts";

/** As many runs as one question may name. */
export const mostRuns = 8;
const usualKinds = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"];
const firstChoice = "down_proj";

export interface LayerRange {
  from: number;
  to: number;
}

/** The named runs in the order of the workspace; all on the first run's base where none are named. */
export function chosenRuns(runs: readonly AppRun[], asked: string | undefined): AppRun[] {
  const ids = asked?.split(",") ?? [];
  const named = runs.filter(({ id }) => ids.includes(id));
  if (named.length > 0) return named;
  return runs.filter(({ base }) => base.fingerprint === runs[0]?.base.fingerprint).slice(0, mostRuns);
}

/** Rows that stand in layers: embeddings, head and norms have no depth. */
export function layerRows(rows: readonly ModuleRow[]): ModuleRow[] {
  return rows.filter(({ layer, status }) => layer !== null && status === "measured");
}

/** Kinds of the rows, in the order of the network. */
export function kindsOf(rows: readonly ModuleRow[]): string[] {
  const rank = (kind: string) => (usualKinds.includes(kind) ? usualKinds.indexOf(kind) : usualKinds.length);
  return [...new Set(rows.map(({ kind }) => kind))].sort((a, b) => rank(a) - rank(b) || a.localeCompare(b, "en"));
}

export function chosenKind(kinds: readonly string[], asked: string | undefined): string | undefined {
  if (asked !== undefined && kinds.includes(asked)) return asked;
  return kinds.includes(firstChoice) ? firstChoice : kinds[0];
}

/** "24-35" or "7"; undefined for all. */
export function parseLayers(text: string | undefined): LayerRange | undefined {
  const found = /^(\d+)(?:-(\d+))?$/.exec(text ?? "");
  if (!found) return undefined;
  const from = Number(found[1]);
  const to = Number(found[2] ?? found[1]);
  return from <= to ? { from, to } : { from: to, to: from };
}

export function inRange(layer: number | null, range: LayerRange | undefined): boolean {
  return layer !== null && (range === undefined || (layer >= range.from && layer <= range.to));
}

/** Choices of the selector: all, then quarters of a deep model or single layers of a shallow one. */
export function layerChoices(layers: readonly number[]): { value: string; label: string }[] {
  const sorted = [...layers].sort((a, b) => a - b);
  const all = { value: "", label: `all ${sorted.length}` };
  if (sorted.length < 2) return [all];
  const groups = sorted.length <= mostSingleLayers ? sorted.map((layer) => [layer]) : quarters(sorted);
  const parts = groups.map((group) => {
    const [first, last] = [group[0], group.at(-1)];
    return first === last
      ? { value: `${first}`, label: `${first}` }
      : { value: `${first}-${last}`, label: `${first}–${last}` };
  });
  return [all, ...parts];
}

const mostSingleLayers = 6;

function quarters(layers: readonly number[]): number[][] {
  return [0, 1, 2, 3]
    .map((quarter) => layers.slice((quarter * layers.length) / 4, ((quarter + 1) * layers.length) / 4))
    .filter((part) => part.length > 0);
}

/** Run and row of the tail: those of the address, else the last layer of the first full run, or of the first run. */
export function tailChoice(
  runs: readonly AppRun[],
  rows: readonly ModuleRow[],
  kind: string | undefined,
  { tail, at }: Pick<SpectraSearch, "tail" | "at">,
  range: LayerRange | undefined,
): { run: AppRun; row: ModuleRow | undefined } | undefined {
  const run = runs.find(({ id }) => id === tail) ?? runs.find((candidate) => candidate.kind === "full") ?? runs[0];
  if (!run) return undefined;
  const own = rows.filter((row) => row.analysis === run.analysis && row.kind === kind && inRange(row.layer, range));
  const asked = own.find(({ layer }) => layer === at);
  const last = own.reduce<ModuleRow | undefined>(
    (deepest, row) => ((row.layer ?? -1) > (deepest?.layer ?? -1) ? row : deepest),
    undefined,
  );
  return { run, row: asked ?? last };
}
