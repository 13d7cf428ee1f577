/** Keys of the heatmap: arrows move the selection, B and brackets brush. */
import { useNavigate } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import type { AppRun } from "../../../../src/contract/domain/cells.ts";
import { commandKey } from "../../../widgets/key-commands.ts";
import { type KeyBinding, useKeys } from "../../../widgets/keyboard.ts";
import type { CompareModel } from "../compare-model.ts";
import { brushBetween, moveEdge } from "../model/brush.ts";
import { outside } from "../model/grid.ts";
import { metricOrder } from "../model/metrics.ts";
import { type Move, move, nextMarked, type Place, type Position, placeText } from "../model/selection.ts";
import { listText } from "../search.ts";
import type { OpenTrack } from "../use-heat-tracks.ts";
import { inspectorAddress } from "./inspector-address.ts";

interface HeatKeys {
  compare: CompareModel;
  tracks: readonly OpenTrack[];
  /** Puts the keyboard on a cell. */
  focusCell: (run: AppRun, place: Place) => void;
  onTable: () => void;
}

export function useHeatKeys({ compare, tracks, focusCell, onTable }: HeatKeys): {
  inspect: (run: AppRun, place: Place) => void;
} {
  const { grid, brush, setBrush, update, search, marks } = compare;
  const navigate = useNavigate();
  const position = positionOf(compare, tracks);
  const inspect = useCallback(
    (run: AppRun, place: Place) => {
      const address = inspectorAddress(compare, run, place);
      if (address) void navigate(address);
    },
    [compare, navigate],
  );
  const go = (to: Position) => {
    const run = tracks[to.track]?.run;
    if (!run) return;
    update({ sel: placeText({ layer: to.layer, kind: to.kind }), at: run.id }, true);
    focusCell(run, to);
  };
  const kinds = tracks.map((track) => track.rows.map((row) => row.kind));
  const onGrid = (act: (here: Position) => void) => () => (position && focusInGrid() ? act(position) : false);
  const step = (to: Move) => onGrid((here) => go(move(here, to, grid, kinds)));
  const jump = (direction: 1 | -1) =>
    onGrid((here) => go(nextMarked(here, markedPlaces(tracks), direction, orderOf(tracks))));
  const extend = (by: 1 | -1) =>
    onGrid((here) => {
      if (here.layer === outside) return;
      const to = Math.min(grid.layers.length - 1, Math.max(0, here.layer + by));
      const fixed =
        brush === undefined ? here.layer : here.layer === brush.from && brush.to !== brush.from ? brush.to : brush.from;
      setBrush(brushBetween(fixed, to));
      go({ ...here, layer: to });
    });
  const brushHere = () => {
    const layer = position?.layer ?? outside;
    if (layer === outside) return false;
    setBrush(brush?.from === layer && brush.to === layer ? undefined : { from: layer, to: layer });
    return true;
  };
  const edge = (which: "from" | "to", by: 1 | -1) => () => setBrush(moveEdge(brush, which, by, grid.layers.length));
  const arrows: KeyBinding[] = [
    { keys: "ArrowLeft", does: "Layer before", run: step("left"), always: true },
    { keys: "ArrowRight", does: "Layer after", run: step("right"), always: true },
    { keys: "ArrowUp", does: "Row above", run: step("up"), always: true },
    { keys: "ArrowDown", does: "Row below", run: step("down"), always: true },
    { keys: "Ctrl+ArrowRight", does: "Next intruder", run: jump(1) },
    { keys: "Ctrl+ArrowDown", does: "Next intruder", run: jump(1) },
    { keys: "Ctrl+ArrowLeft", does: "Intruder before", run: jump(-1) },
    { keys: "Ctrl+ArrowUp", does: "Intruder before", run: jump(-1) },
    { keys: "PageUp", does: "Run above", run: step("pageUp"), always: true },
    { keys: "PageDown", does: "Run below", run: step("pageDown"), always: true },
    { keys: "Home", does: "First layer", run: step("home"), always: true },
    { keys: "End", does: "Last layer", run: step("end"), always: true },
    { keys: "Shift+ArrowLeft", does: "Brush to the left", run: extend(-1), always: true },
    { keys: "Shift+ArrowRight", does: "Brush to the right", run: extend(1), always: true },
  ];
  const acts: KeyBinding[] = [
    {
      keys: "Enter",
      does: "Inspect the module",
      run: onGrid((here) => inspectAt(tracks, here, inspect)),
      always: true,
    },
    { keys: "Space", does: "Pin the module", run: onGrid((here) => pin(compare, here)), always: true },
    { ...commandKey("heatmap.data"), run: onGrid(onTable) },
    { ...commandKey("heatmap.brush"), run: brushHere },
    { ...commandKey("heatmap.from-back"), run: edge("from", -1) },
    { ...commandKey("heatmap.to-on"), run: edge("to", 1) },
    { ...commandKey("heatmap.from-on"), run: edge("from", 1) },
    { ...commandKey("heatmap.to-back"), run: edge("to", -1) },
    {
      ...commandKey("heatmap.metric"),
      run: () => update({ metric: nextMetric(compare), scale: undefined, domain: undefined }),
    },
    { ...commandKey("heatmap.marks"), run: () => update({ marks: marks ? "off" : undefined }, true) },
    { ...commandKey("heatmap.table"), run: () => update({ as: search.as === "table" ? undefined : "table" }) },
  ];
  useKeys("Heatmap", [...arrows, ...acts]);
  return useMemo(() => ({ inspect }), [inspect]);
}

/** Where the keyboard is: the selected place in its track; the first cell of the first track at the start. */
export function positionOf({ selected, at, grid }: CompareModel, tracks: readonly OpenTrack[]): Position | undefined {
  const track = Math.max(
    0,
    tracks.findIndex(({ run }) => run === at),
  );
  const rows = tracks[track]?.rows ?? [];
  const held = selected && rows.some(({ kind }) => kind === selected.kind) ? selected : undefined;
  if (held && held.layer < grid.layers.length) return { track, layer: held.layer, kind: held.kind };
  const kind = rows[0]?.kind;
  return kind === undefined ? undefined : { track, layer: grid.kinds.includes(kind) ? 0 : outside, kind };
}

function focusInGrid(): boolean {
  return document.activeElement?.getAttribute("role") === "gridcell";
}

function inspectAt(tracks: readonly OpenTrack[], here: Position, inspect: (run: AppRun, place: Place) => void): void {
  const run = tracks[here.track]?.run;
  if (run) inspect(run, here);
}

/** Pins stay marked and listed while the selection moves on. */
export function pin({ pins: held, update }: CompareModel, place: Place): void {
  const text = placeText({ layer: place.layer, kind: place.kind });
  const pins = held.map(placeText);
  update({ pins: listText(pins.includes(text) ? pins.filter((other) => other !== text) : [...pins, text]) }, true);
}

function nextMetric({ metric, runs }: CompareModel): CompareModel["search"]["metric"] {
  const possible = metricOrder.filter((id) => id !== "unchanged" || runs.some(({ kind }) => kind === "full"));
  const next = possible[(possible.indexOf(metric.id) + 1) % possible.length];
  return next === "relative" ? undefined : next;
}

function markedPlaces(tracks: readonly OpenTrack[]): Position[] {
  return tracks.flatMap(({ rows }, track) =>
    rows.flatMap(({ kind, cells }) =>
      cells.flatMap(({ layer, intruders }) => ((intruders ?? 0) > 0 ? [{ track, layer, kind }] : [])),
    ),
  );
}

/** Reading order: track, row, layer. */
function orderOf(tracks: readonly OpenTrack[]): (at: Position) => number {
  const layersPerRow = 100_000;
  return ({ track, layer, kind }) => {
    const rows = tracks[track]?.rows ?? [];
    const row = rows.findIndex((candidate) => candidate.kind === kind);
    return (track * 1000 + row) * layersPerRow + layer + 1;
  };
}
