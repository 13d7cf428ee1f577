/** The selected place: the same module in every run. */
import { type Grid, outside } from "./grid.ts";

export interface Place {
  /** −1 outside the layers. */
  layer: number;
  kind: string;
  expert?: number | undefined;
}

export function parsePlace(text: string | undefined): Place | undefined {
  const match = /^(\d{1,5}|x)\.(\w{1,64})(?:\.(\d{1,5}))?$/.exec(text ?? "");
  if (!match) return undefined;
  const [, layer, kind = "", expert] = match;
  return {
    layer: layer === "x" ? outside : Number(layer),
    kind,
    ...(expert === undefined ? {} : { expert: Number(expert) }),
  };
}

export function placeText({ layer, kind, expert }: Place): string {
  const head = `${layer === outside ? "x" : layer}.${kind}`;
  return expert === undefined ? head : `${head}.${expert}`;
}

export function samePlace(a: Place | undefined, b: Place | undefined): boolean {
  return a?.layer === b?.layer && a?.kind === b?.kind && a?.expert === b?.expert;
}

/** "Layer 31 · down_proj", "embed_tokens". */
export function placeTitle({ layer, kind, expert }: Place): string {
  const name = expert === undefined ? kind : `${kind}, expert ${expert}`;
  return layer === outside ? name : `Layer ${layer} · ${name}`;
}

/** Where the keyboard is: a run's track and a place in it. */
export interface Position extends Place {
  track: number;
}

export type Move = "left" | "right" | "up" | "down" | "home" | "end" | "pageUp" | "pageDown";

/** @param kinds rows of each track, top to bottom. Up and down go on in the neighbouring track. */
export function move(from: Position, step: Move, grid: Grid, kinds: readonly (readonly string[])[]): Position {
  if (step === "pageUp" || step === "pageDown") return otherTrack(from, step === "pageUp" ? -1 : 1, grid, kinds);
  if (step === "up" || step === "down") return otherRow(from, step === "up" ? -1 : 1, grid, kinds);
  // One matrix outside the layers fills its row.
  return from.layer === outside
    ? from
    : { ...plain(from), layer: alongLayers(from.layer, step, grid.layers.length - 1) };
}

function alongLayers(layer: number, step: "left" | "right" | "home" | "end", last: number): number {
  if (step === "home") return 0;
  if (step === "end") return last;
  return Math.min(last, Math.max(0, layer + (step === "left" ? -1 : 1)));
}

function plain({ track, layer, kind }: Position): Position {
  return { track, layer, kind };
}

function otherTrack(from: Position, step: 1 | -1, grid: Grid, kinds: readonly (readonly string[])[]): Position {
  const rows = kinds[from.track + step];
  if (!rows || rows.length === 0) return from;
  const kind = rows.includes(from.kind) ? from.kind : (rows[0] ?? from.kind);
  return { track: from.track + step, kind, layer: layerFor(from.layer, kind, grid) };
}

function otherRow(from: Position, step: 1 | -1, grid: Grid, kinds: readonly (readonly string[])[]): Position {
  const rows = kinds[from.track] ?? [];
  const kind = rows[rows.indexOf(from.kind) + step];
  if (kind !== undefined) return { track: from.track, kind, layer: layerFor(from.layer, kind, grid) };
  const next = kinds[from.track + step];
  const entry = step === 1 ? next?.[0] : next?.at(-1);
  if (entry === undefined) return from;
  return { track: from.track + step, kind: entry, layer: layerFor(from.layer, entry, grid) };
}

function layerFor(layer: number, kind: string, { kinds }: Grid): number {
  if (!kinds.includes(kind)) return outside;
  return layer === outside ? 0 : layer;
}

/** Next marked place in reading order of the whole stack (track, row, layer), or the one before; wraps around. */
export function nextMarked(
  from: Position,
  marked: readonly Position[],
  direction: 1 | -1,
  order: (at: Position) => number,
): Position {
  if (marked.length === 0) return from;
  const sorted = [...marked].sort((a, b) => order(a) - order(b));
  const here = order(from);
  if (direction === 1) return sorted.find((at) => order(at) > here) ?? sorted[0] ?? from;
  return sorted.findLast((at) => order(at) < here) ?? sorted.at(-1) ?? from;
}
