/** One run's track: head and heatmap, or one row when folded. */
import { useComputedColorScheme } from "@mantine/core";
import { memo, type PointerEvent, useCallback, useMemo } from "react";
import type { AppRun } from "../../../../src/contract/domain/cells.ts";
import { colourTable } from "../../../charts/colour.ts";
import type { Geometry } from "../../../charts/heatmap/geometry.ts";
import { HeatmapTrack, type HeatPlace } from "../../../charts/heatmap/heatmap-track.tsx";
import { runColour } from "../../../widgets/run-badge.tsx";
import type { Brush } from "../model/brush.ts";
import { type Cell, foldedCells } from "../model/cells.ts";
import type { Grid } from "../model/grid.ts";
import { cellNames, type HeatLook, heatRows } from "../model/heat-rows.ts";
import type { Place } from "../model/selection.ts";
import { FoldedHead } from "./track-head.tsx";
import type { HeatTrack } from "./use-open-tracks.ts";

export interface TrackEvents {
  onPoint: (run: AppRun, cell: Cell | undefined, box: DOMRect | undefined) => void;
  onPress: (run: AppRun, cell: Cell, event: PointerEvent) => void;
  onOpen: (run: AppRun, place: Place) => void;
  onFold: (run: AppRun) => void;
}

interface HeatTrackViewProps {
  track: HeatTrack;
  grid: Grid;
  look: HeatLook;
  geometry: Geometry;
  brush: Brush | undefined;
  marks: boolean;
  /** The place that Tab reaches, when it is in this track. */
  active: Place | undefined;
  selected: Place | undefined;
  pins: readonly Place[];
  label: string;
  events: TrackEvents;
}

export const HeatTrackView = memo(function HeatTrackView(props: HeatTrackViewProps) {
  const { track, grid, look, geometry, brush, label, events } = props;
  const { run, folded } = track;
  const shown = useMemo(
    () => (folded ? [{ kind: "", cells: foldedCells(track.rows, grid.layers, look.metric) }] : track.rows),
    [folded, track.rows, grid.layers, look.metric],
  );
  const rows = useMemo(() => heatRows(shown, look, brush), [shown, look, brush]);
  const names = useMemo(() => cellNames(shown, look), [shown, look]);
  const kind = look.difference ? "diverging" : "sequential";
  const table = colourTable(kind, useComputedColorScheme("light"));
  const cellAt = useCallback(({ row, column }: HeatPlace) => shown[row]?.cells[column], [shown]);
  const placeOf = (place: Place | undefined) => placeIn(shown, place, folded);
  const active = useSamePlace(placeOf(props.active));
  const selected = useSamePlace(placeOf(props.selected));
  const { pins } = props;
  const pinned = useMemo(() => pins.flatMap((place) => placeIn(shown, place, folded) ?? []), [pins, shown, folded]);
  const onPoint = useCallback(
    (place: HeatPlace | undefined, box: DOMRect | undefined) => events.onPoint(run, place && cellAt(place), box),
    [events, run, cellAt],
  );
  const onPress = useCallback(
    (place: HeatPlace, event: PointerEvent) => {
      const cell = cellAt(place);
      if (cell) events.onPress(run, cell, event);
    },
    [events, run, cellAt],
  );
  const onOpen = useCallback(
    (place: HeatPlace) => {
      const cell = cellAt(place);
      if (cell && cell.kind !== "") events.onOpen(run, cell);
    },
    [events, run, cellAt],
  );
  return (
    <>
      {folded && <FoldedHead run={run} onFold={() => events.onFold(run)} />}
      <HeatmapTrack
        label={label}
        rows={rows}
        names={names}
        geometry={geometry}
        scale={kind}
        table={table}
        colour={look.difference ? "var(--text-3)" : runColour(run.letter)}
        marks={props.marks}
        active={active}
        selected={selected}
        pinned={pinned}
        onPoint={onPoint}
        onPress={onPress}
        onOpen={onOpen}
      />
    </>
  );
});

/** A folded track shows the layer of the selection, whatever its kind. */
function placeIn(
  rows: readonly { kind: string; cells: readonly Cell[] }[],
  place: Place | undefined,
  folded: boolean,
): HeatPlace | undefined {
  if (!place) return undefined;
  const row = folded ? 0 : rows.findIndex(({ kind }) => kind === place.kind);
  const column = rows[row]?.cells.findIndex(({ layer }) => layer === place.layer) ?? -1;
  return column < 0 ? undefined : { row, column };
}

/** The same object while row and column stay. */
function useSamePlace(place: HeatPlace | undefined): HeatPlace | undefined {
  const row = place?.row;
  const column = place?.column;
  return useMemo(() => (row === undefined || column === undefined ? undefined : { row, column }), [row, column]);
}
