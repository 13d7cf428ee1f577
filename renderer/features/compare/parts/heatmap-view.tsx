/** The stack of tracks under one axis: sizes, brush, selection, tooltip, keyboard. */
import { type PointerEvent, useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { AppRun } from "../../../../src/contract/domain/cells.ts";
import { formatThreshold } from "../../../../src/contract/format.ts";
import { useShelved } from "../../../charts/chart-shelf.tsx";
import {
  columnsWidth,
  type Geometry,
  gutterWidth,
  marginWidth,
  rowHeightFor,
} from "../../../charts/heatmap/geometry.ts";
import { LayerAxis } from "../../../charts/heatmap/layer-axis.tsx";
import { useSize } from "../../../charts/use-size.ts";
import { useShownBrush } from "../brush-draft.ts";
import type { CompareModel } from "../compare-model.ts";
import { brushBetween } from "../model/brush.ts";
import { formatDifferenceTick } from "../model/difference.ts";
import { outside } from "../model/grid.ts";
import { cellTestId } from "../model/heat-rows.ts";
import { formatMetricTick } from "../model/metrics.ts";
import { toggleFold } from "../model/runs.ts";
import { type Place, placeText } from "../model/selection.ts";
import type { HeatTrack } from "../use-heat-tracks.ts";
import { DataTable } from "./data-table.tsx";
import { heatTable } from "./heat-table.ts";
import { createHoverStore, HeatTip, type HoverStore } from "./heat-tip.tsx";
import { HeatTrackView, type TrackEvents } from "./heat-track.tsx";
import styles from "./heatmap-view.module.css";
import trackStyles from "./track.module.css";
import { TrackHead } from "./track-head.tsx";
import { positionOf, useHeatKeys } from "./use-heat-keys.ts";

const axisHeight = 24;
/** Head and space of an open track, and of a folded one. */
const openHead = 34;
/** As in heatmap-view.module.css. */
const captionSpace = 10;
const closedSpace = 6;

interface HeatmapViewProps {
  compare: CompareModel;
  /** Told how wide the columns are, for what stands under them. */
  onWidth: (width: number) => void;
}

export function HeatmapView({ compare, onWidth }: HeatmapViewProps) {
  const { heat: tracks } = compare;
  const [measure, size] = useSize();
  const side = compare.search.layout === "side" && tracks.length <= 3 && (size?.width ?? 0) >= 1100;
  const [element, setElement] = useState<HTMLDivElement | null>(null);
  const table = useMemo(() => heatTable(compare, tracks), [compare.metric, compare.difference, tracks]);
  useShelved(element, "heatmap", compare.metric.label, table);
  const geometry = useGeometry(size, tracks, compare.grid.layers.length, side);
  const width = geometry?.width ?? 0;
  const profile = side && size ? size.width - gutterWidth - marginWidth : width;
  useEffect(() => onWidth(profile), [onWidth, profile]);
  return (
    <div className={styles.scroller} ref={measure} data-testid="tracks" data-stale={compare.stale || undefined}>
      <div ref={setElement} className={side ? styles.side : styles.stack} style={{ minWidth: 0 }}>
        {geometry && <Tracks compare={compare} tracks={tracks} geometry={geometry} side={side} table={table} />}
        <PictureCaption compare={compare} />
      </div>
    </div>
  );
}

function useGeometry(
  size: { width: number; height: number } | undefined,
  tracks: readonly HeatTrack[],
  columns: number,
  side: boolean,
): Geometry | undefined {
  const open = tracks.filter(({ folded }) => !folded);
  const closed = tracks.length - open.length;
  const rows = side
    ? Math.max(...open.map((track) => track.rows.length), 1)
    : open.reduce((sum, track) => sum + track.rows.length, 0);
  const heads = axisHeight + captionSpace + (side ? openHead : open.length * openHead) + closed * closedSpace;
  const width =
    size && columnsWidth(side ? (size.width - 24 * (tracks.length - 1)) / tracks.length : size.width, columns);
  const rowHeight = size && rowHeightFor(size.height, heads, rows + closed);
  return useMemo(
    () =>
      width === undefined || rowHeight === undefined
        ? undefined
        : { columns: Math.max(1, columns), width, rowHeight, gutter: gutterWidth, margin: marginWidth },
    [columns, width, rowHeight],
  );
}

interface TracksProps {
  compare: CompareModel;
  tracks: readonly HeatTrack[];
  geometry: Geometry;
  side: boolean;
  table: ReturnType<typeof heatTable>;
}

function Tracks({ compare, tracks, geometry, side, table }: TracksProps) {
  const { grid, metric, difference, domain, marks, selected } = compare;
  const store = useMemo(createHoverStore, []);
  const [dataShown, setDataShown] = useState(false);
  const open = useMemo(() => tracks.filter(({ folded }) => !folded), [tracks]);
  const focusCell = useCallback((run: AppRun, place: Place) => focusPlace(tracks, run, place), [tracks]);
  const { inspect } = useHeatKeys({ compare, tracks: open, focusCell, onTable: () => setDataShown(true) });
  const events = useTrackEvents(compare, store, inspect);
  const looks = useMemo(
    () => tracks.map(({ letter }) => ({ metric, difference, domain, letter })),
    [tracks.map(({ letter }) => letter).join(), metric, difference, domain],
  );
  const here = positionOf(compare, open);
  useOutsideSelection(compare, open, store);
  const axis = <BrushAxis compare={compare} geometry={geometry} />;
  return (
    <>
      {!side && <div className={styles.axis}>{axis}</div>}
      {tracks.map((track, index) => (
        <div
          key={track.letter + track.run.id}
          className={track.folded ? trackStyles.closed : trackStyles.track}
          data-testid={difference ? "track-difference" : `track-${track.letter}`}
          style={side ? { width: gutterWidth + geometry.width + geometry.margin } : undefined}
        >
          {side && axis}
          {!track.folded && !difference && (
            <TrackHead
              source={track.source}
              brush={compare.brush}
              draft={compare.draft}
              kinds={compare.chosenKinds}
              decide={compare.decide}
              width={gutterWidth + geometry.width + geometry.margin}
              onFold={() => events.onFold(track.run)}
            />
          )}
          {difference && <DifferenceHead compare={compare} />}
          <HeatTrackView
            track={track}
            grid={grid}
            look={looks[index] ?? { metric, difference, domain, letter: track.letter }}
            geometry={geometry}
            brush={compare.brush}
            draft={compare.draft}
            marks={marks}
            active={here && open[here.track] === track ? here : undefined}
            selected={selected}
            pins={compare.pins}
            label={trackLabel(track, compare)}
            events={events}
          />
        </div>
      ))}
      <HeatTip store={store} compare={compare} />
      <DataTable opened={dataShown} title={metric.label} table={table} onClose={() => setDataShown(false)} />
    </>
  );
}

/** Says in exported pictures what colours and rings mean; on screen the toolbar does. */
function PictureCaption({ compare: { metric, domain, difference, settings, marks } }: { compare: CompareModel }) {
  const scale = domain.log ? "logarithmic" : "linear";
  const colours = difference
    ? `${metric.phrase}, ${formatDifferenceTick(domain.high, difference)} to ${formatDifferenceTick(domain.low, difference)}`
    : `${metric.phrase}, ${formatMetricTick(metric, domain.low)} to ${formatMetricTick(metric, domain.high)}, ${scale}`;
  const test = `k ${settings.k}, ε ${formatThreshold(settings.epsilon)}, ${settings.side} vectors`;
  const rings = marks && !difference ? `; rings: intruders (${test})` : "";
  return <p className={styles.caption} aria-hidden="true">{`Colour: ${colours}${rings}.`}</p>;
}

/** The axis follows the pointer while a brush is dragged. */
function BrushAxis({ compare: { draft, brush, setBrush }, geometry }: { compare: CompareModel; geometry: Geometry }) {
  const shown = useShownBrush(draft, brush);
  return <LayerAxis geometry={geometry} range={shown} summary="median" onDrag={draft.set} onDone={setBrush} />;
}

function DifferenceHead({ compare: { difference, metric } }: { compare: CompareModel }) {
  if (!difference) return null;
  const { first, second } = difference;
  return (
    <div className={trackStyles.head}>
      <h2 className={trackStyles.name}>
        Difference {first.letter} − {second.letter}
      </h2>
      <span className={trackStyles.detail}>
        {`${metric.phrase}${metric.log ? ", as a ratio" : ""}; ${first.label} against ${second.label}`}
      </span>
    </div>
  );
}

function trackLabel({ run }: HeatTrack, { metric, difference }: CompareModel): string {
  if (difference)
    return `Difference of run ${difference.first.letter} and run ${difference.second.letter}, ${metric.phrase}, by layer and kind`;
  return `Run ${run.letter}, ${run.label}: ${metric.phrase} by layer and kind`;
}

/** Pointer on cells: tooltip, selection, Shift-drag brush. */
function useTrackEvents(
  compare: CompareModel,
  store: ReturnType<typeof createHoverStore>,
  inspect: (run: AppRun, place: Place) => void,
): TrackEvents {
  const newest = useRef(compare);
  newest.current = compare;
  const inspectNow = useRef(inspect);
  inspectNow.current = inspect;
  const drag = useRef<number>(undefined);
  useEffect(() => {
    const end = () => {
      const held = drag.current;
      drag.current = undefined;
      const { draft, setBrush } = newest.current;
      if (held !== undefined) setBrush(draft.get());
    };
    window.addEventListener("pointerup", end);
    return () => window.removeEventListener("pointerup", end);
  }, []);
  return useMemo(
    () => ({
      onPoint(run, cell, box) {
        store.set(cell && box ? { run, cell, box } : undefined);
        if (drag.current !== undefined && cell && cell.layer !== outside)
          newest.current.draft.set(brushBetween(drag.current, cell.layer));
      },
      onPress(run, cell, event: PointerEvent) {
        if (event.button !== 0) return;
        const { update, draft, folded } = newest.current;
        if (event.shiftKey && cell.layer !== outside) {
          event.preventDefault();
          drag.current = cell.layer;
          draft.set({ from: cell.layer, to: cell.layer });
          return;
        }
        if (folded.has(run.id) || cell.kind === "") return;
        update({ sel: placeText({ layer: cell.layer, kind: cell.kind }), at: run.id }, true);
      },
      onOpen: (run, place) => inspectNow.current(run, place),
      onFold(run) {
        const { runs, folded, update } = newest.current;
        update({ fold: toggleFold(runs, folded, run.id) }, true);
      },
    }),
    [store],
  );
}

function focusPlace(tracks: readonly HeatTrack[], run: AppRun, place: Place): void {
  const letter = tracks.find((track) => track.run === run)?.letter ?? run.letter;
  const id = cellTestId(letter, place);
  document.querySelector<HTMLElement>(`[data-testid="${CSS.escape(id)}"]`)?.focus({ preventScroll: false });
}

/** A selection that came from elsewhere (palette, link, table) gets the keyboard, unless someone is typing. */
function useOutsideSelection(compare: CompareModel, open: readonly HeatTrack[], store: HoverStore): void {
  const { selected } = compare;
  const text = selected && placeText(selected);
  const last = useRef<string>(undefined);
  const ready = open.length > 0;
  const position = positionOf(compare, open);
  const run = position && open[position.track]?.run;
  useEffect(() => {
    if (!ready || text === last.current) return undefined;
    last.current = text;
    if (!selected || !run) return undefined;
    // The palette gives the keyboard back first.
    const timer = setTimeout(() => {
      if (!isFree(document.activeElement)) return;
      focusPlace(open, run, selected);
      // Nobody asked for the tooltip yet.
      store.set(undefined);
    }, 60);
    return () => clearTimeout(timer);
  }, [text, selected, run, ready, open, store]);
}

function isFree(element: Element | null): boolean {
  return element === null || element === document.body || element.matches("main, [role='gridcell'], [data-palette]");
}
