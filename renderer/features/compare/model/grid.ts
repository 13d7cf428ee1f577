/** Rows of modules as tracks of cells: layers along x, kinds along y, one track per run. */
import type { AppRun, ModuleRow } from "../../../../src/contract/domain/cells.ts";

/** Kinds in the order in which a block computes them; others follow by name. */
const knownKinds = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"] as const;

/** Layer of modules that belong to none. */
export const outside = -1;

export interface Grid {
  /** Layer numbers, without gaps. */
  layers: readonly number[];
  kinds: readonly string[];
  /** The chosen kinds; empty for all. */
  only: readonly string[];
}

/** One run's modules, by kind and layer. */
export interface TrackRows {
  run: AppRun;
  /** Modules of a place: several in a mixture of experts. */
  at: ReadonlyMap<string, readonly ModuleRow[]>;
  /** Kinds outside the layers that this run has. */
  outsideKinds: readonly string[];
  rows: readonly ModuleRow[];
}

export function placeKey(layer: number, kind: string): string {
  return `${layer}.${kind}`;
}

/** All layers of the base and all kinds that any run has, cut to the chosen kinds. */
export function gridOf(runs: readonly AppRun[], rows: readonly ModuleRow[], chosenKinds: readonly string[] = []): Grid {
  const last = rows.reduce((most, { layer }) => Math.max(most, layer ?? -1), -1);
  const count = Math.max(last + 1, ...runs.map(({ base }) => base.layers), 0);
  const planned = runs.flatMap((run) => run.planned?.layered ?? []);
  const found = new Set([...planned, ...rows.flatMap(({ layer, kind }) => (layer === null ? [] : [kind]))]);
  const kinds = found.size === 0 ? [...knownKinds] : sortKinds(found);
  const chosen = chosenKinds.length === 0 ? kinds : kinds.filter((kind) => chosenKinds.includes(kind));
  return { layers: Array.from({ length: count }, (_, index) => index), kinds: chosen, only: chosenKinds };
}

export function sortKinds(kinds: Iterable<string>): string[] {
  const place = (kind: string) => {
    const index = (knownKinds as readonly string[]).indexOf(kind);
    return index < 0 ? knownKinds.length : index;
  };
  return [...kinds].sort((a, b) => place(a) - place(b) || (a < b ? -1 : 1));
}

/** "q" for q_proj, "embed" for embed_tokens: what fits beside a row. */
export function shortKind(kind: string): string {
  if (kind.endsWith("_proj")) return kind.slice(0, -"_proj".length);
  return kind === "embed_tokens" ? "embed" : kind;
}

/** Splits rows by run; tracks of runs without new rows keep their identity, so that only changed ones are drawn. */
export function splitTracks(
  runs: readonly AppRun[],
  rows: readonly ModuleRow[],
  previous: readonly TrackRows[] = [],
): TrackRows[] {
  const byAnalysis = new Map<string, ModuleRow[]>(runs.map(({ analysis }) => [analysis, []]));
  for (const row of rows) byAnalysis.get(row.analysis)?.push(row);
  return runs.map((run, index) => {
    const own = byAnalysis.get(run.analysis) ?? [];
    const before = previous[index];
    return before && before.run === run && sameRows(before.rows, own) ? before : trackOf(run, own);
  });
}

function sameRows(a: readonly ModuleRow[], b: readonly ModuleRow[]): boolean {
  return a.length === b.length && a.every((row, index) => row === b[index]);
}

function trackOf(run: AppRun, rows: readonly ModuleRow[]): TrackRows {
  const at = new Map<string, ModuleRow[]>();
  const outsideKinds = new Set(run.planned?.outside);
  for (const row of rows) {
    if (row.layer === null) outsideKinds.add(row.kind);
    const key = placeKey(row.layer ?? outside, row.kind);
    const place = at.get(key);
    if (place) place.push(row);
    else at.set(key, [row]);
  }
  return { run, at, outsideKinds: sortKinds(outsideKinds), rows };
}
