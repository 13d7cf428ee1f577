/** One run's track: head and heatmap, or one row when folded. */
import { useComputedColorScheme } from "@mantine/core";
import { memo, type PointerEvent, useCallback, useMemo } from "react";
import type { AppRun } from "../../../../src/contract/domain/cells.ts";
import { colourTable } from "../../../charts/colour.ts";
import type { Geometry } from "../../../charts/heatmap/geometry.ts";
import { HeatmapTrack, type HeatPlace } from "../../../charts/heatmap/heatmap-track.tsx";
import { RowSummaries } from "../../../charts/heatmap/row-summaries.tsx";
import { runColour } from "../../../widgets/run-badge.tsx";
import { type BrushDraft, useFollowingBrush } from "../brush-draft.ts";
import type { Brush } from "../model/brush.ts";
import { type Cell, foldedCells } from "../model/cells.ts";
import type { Grid } from "../model/grid.ts";
import { cellNames, type HeatLook, heatRows, summaries } from "../model/heat-rows.ts";
import type { Place } from "../model/selection.ts";
import type { HeatTrack } from "../use-heat-tracks.ts";
import { FoldedHead } from "./track-head.tsx";

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
  draft: BrushDraft;
  marks: boolean;
  /** The place that Tab reaches, when it is in this track. */
  active: Place | undefined;
  selected: Place | undefined;
  pins: readonly Place[];
  label: string;
  events: TrackEvents;
}

export const HeatTrackView = memo(function HeatTrackView(props: HeatTrackViewProps) {
  const { track, grid, look, geometry, brush, draft, label, events } = props;
  const { run, folded } = track;
  const shown = useMemo(
    () => (folded ? [{ kind: "", cells: foldedCells(track.rows, grid.layers, look.metric) }] : track.rows),
    [folded, track.rows, grid.layers, look.metric],
  );
  const rows = useMemo(() => heatRows(shown, look), [shown, look]);
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
  const summary = useMemo(
    () => (
      <TrackSummaries rows={shown} look={look} geometry={geometry} brush={brush} draft={draft} letter={run.letter} />
    ),
    [shown, look, geometry, brush, draft, run.letter],
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
        marks={props.marks}
        active={active}
        selected={selected}
        pinned={pinned}
        onPoint={onPoint}
        onPress={onPress}
        onOpen={onOpen}
        summaries={summary}
      />
    </>
  );
});

interface TrackSummariesProps {
  rows: HeatTrack["rows"];
  look: HeatLook;
  geometry: Geometry;
  brush: Brush | undefined;
  draft: BrushDraft;
  letter: string;
}

function TrackSummaries({ rows, look, geometry, brush, draft, letter }: TrackSummariesProps) {
  const following = useFollowingBrush(draft, brush);
  const shown = useMemo(() => summaries(rows, look, following), [rows, look, following]);
  return <RowSummaries summaries={shown} geometry={geometry} colour={runColour(letter)} />;
}

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
