/** One line per run over the layers, under a heatmap and with its columns. */
import { useCallback, useMemo } from "react";
import { type PlotAxis, type PlotBox, spreadLabels, xPosition, yPosition } from "./axis-helpers.ts";
import { ChartFigure } from "./chart-figure.tsx";
import type { ChartTable } from "./chart-table.ts";
import styles from "./layer-profile.module.css";
import { runMark } from "./marks.tsx";
import { Plot } from "./plot.tsx";
import { RunLabel } from "./run-label.tsx";
import { type Domain, ticks } from "./scale.ts";
import type { Tips } from "./tips.ts";
import type { Size } from "./use-size.ts";

export interface ProfileSeries {
  id: string;
  letter: string;
  label: string;
  points: readonly { layer: number; value: number; modules: number }[];
}

export interface LayerProfileProps {
  name: string;
  title: string;
  label: string;
  series: readonly ProfileSeries[];
  columns: number;
  /** Left edge and width of the columns, in px. */
  left: number;
  width: number;
  domain: Domain;
  format: (value: number) => string;
  formatTick: (value: number) => string;
  onOpen?: (layer: number) => void;
}

/** The columns' own axis stands over the heatmap. */
const margins = { top: 8, bottom: 8 };
const labelHeight = 15;
/** With more lines only letters stand at their ends, in two columns. */
const mostNamed = 5;

export function LayerProfile(props: LayerProfileProps) {
  const { name, title, label, series, columns, left, width, domain, format, formatTick, onOpen } = props;
  const boxOf = useCallback(
    (size: Size): PlotBox => ({ ...size, left, right: Math.max(0, size.width - left - width), ...margins }),
    [left, width],
  );
  const x = useMemo(() => layerAxis(columns), [columns]);
  const y = useMemo(() => valueAxis(domain, formatTick), [domain, formatTick]);
  const lines = useMemo(() => series.map(profileLine), [series]);
  const table = useMemo(() => profileTable(series, columns), [series, columns]);
  const draw = useCallback(
    (size: Size) => {
      const box = boxOf(size);
      return (
        <Plot box={box} x={x} y={y} lines={lines}>
          <EndLabels box={box} y={y} series={series} />
        </Plot>
      );
    },
    [boxOf, x, y, lines, series],
  );
  const tips = useCallback(
    (size: Size) => profileTips(boxOf(size), x, y, series, { columns, format, onOpen }),
    [boxOf, x, y, series, columns, format, onOpen],
  );
  return (
    <ChartFigure name={name} title={title} label={label} table={table} tips={tips} minHeight={92}>
      {draw}
    </ChartFigure>
  );
}

export interface ProfileOverlayProps {
  columns: number;
  left: number;
  width: number;
  height: number;
  /** Brushed layers, and the layer of the selection. */
  range: { from: number; to: number } | undefined;
  cursor: number | undefined;
}

/** Brush and selection, apart from the lines: a drag must not draw the lines again. */
export function ProfileOverlay({ columns, left, width, height, range, cursor }: ProfileOverlayProps) {
  const box = { width: left + width, height, left, right: 0, ...margins };
  const x = layerAxis(columns);
  return (
    <svg className={styles.overlay} width={box.width} height={height} aria-hidden="true">
      {range && <Range box={box} x={x} range={range} />}
      {cursor !== undefined && <Cursor box={box} x={x} layer={cursor} />}
    </svg>
  );
}

function layerAxis(columns: number): PlotAxis {
  const last = Math.max(0, columns - 1);
  return {
    domain: { low: -0.5, high: last + 0.5, log: false },
    ticks: [],
    format: String,
    caption: "",
  };
}

function valueAxis(domain: Domain, format: (value: number) => string): PlotAxis {
  return { domain, ticks: ticks(domain, 4), format, caption: "" };
}

function profileLine({ id, letter, points }: ProfileSeries) {
  const { colour, dash } = runMark(letter);
  return { id, points: points.map(({ layer, value }) => ({ x: layer, y: value })), colour, dash, width: 1.7 };
}

function profileTable(series: readonly ProfileSeries[], columns: number): ChartTable {
  return {
    columns: ["layer", ...series.map(({ label }) => label)],
    rows: Array.from({ length: columns }, (_, layer) => [
      layer,
      ...series.map((entry) => valueAt(entry, layer) ?? null),
    ]),
  };
}

function valueAt({ points }: ProfileSeries, layer: number): number | undefined {
  return points.find((point) => point.layer === layer)?.value;
}

function Range({ box, x, range }: { box: PlotBox; x: PlotAxis; range: { from: number; to: number } }) {
  const from = xPosition(x, box, range.from - 0.5);
  const to = xPosition(x, box, range.to + 0.5);
  return (
    <rect className={styles.range} x={from} y={box.top} width={to - from} height={box.height - box.top - box.bottom} />
  );
}

function Cursor({ box, x, layer }: { box: PlotBox; x: PlotAxis; layer: number }) {
  const at = xPosition(x, box, layer);
  return <line className={styles.cursor} x1={at} x2={at} y1={box.top} y2={box.height - box.bottom} />;
}

function EndLabels({ box, y, series }: { box: PlotBox; y: PlotAxis; series: readonly ProfileSeries[] }) {
  const named = series.length <= mostNamed;
  const ends = series.flatMap((entry) => {
    const last = entry.points.at(-1);
    return last ? [{ entry, at: yPosition(y, box, last.value) }] : [];
  });
  const low = box.top + 4;
  const high = box.height - box.bottom;
  const gap = named ? labelHeight : Math.min(labelHeight, ((high - low) / Math.max(1, ends.length - 1)) * 0.98);
  const places = spreadLabels(
    ends.map(({ at }) => at),
    gap,
    low,
    high,
  );
  const order = [...places].sort((a, b) => a - b);
  return ends.map(({ entry }, index) => {
    const place = places[index] ?? 0;
    const shift = named ? 0 : (order.indexOf(place) % 2) * 18;
    return (
      <RunLabel
        key={entry.id}
        letter={entry.letter}
        {...(named ? { text: entry.label } : {})}
        x={box.width - box.right + 8 + shift}
        y={place}
      />
    );
  });
}

interface TipSource {
  columns: number;
  format: (value: number) => string;
  onOpen: ((layer: number) => void) | undefined;
}

/** Most rows of one tooltip. */
const mostRows = 8;

function profileTips(
  box: PlotBox,
  x: PlotAxis,
  y: PlotAxis,
  series: readonly ProfileSeries[],
  { columns, format, onOpen }: TipSource,
): Tips {
  const known = (layer: number) =>
    series.flatMap((entry) => {
      const value = valueAt(entry, layer);
      return value === undefined ? [] : [{ entry, value }];
    });
  return {
    count: columns,
    at: (layer) => ({ x: xPosition(x, box, layer), y: yPosition(y, box, known(layer)[0]?.value ?? y.domain.low) }),
    nearest: (px) => {
      const layer = Math.round(((px - box.left) / (box.width - box.left - box.right)) * columns - 0.5);
      return layer < 0 || layer >= columns ? undefined : layer;
    },
    describe: (layer) => ({
      title: `Layer ${layer}`,
      rows: known(layer)
        .slice(0, mostRows)
        .map(({ entry, value }) => ({ label: `${entry.letter} ${entry.label}`, value: format(value) })),
      standing: "median of modules",
    }),
    mark: (layer) => (
      <>
        <Cursor box={box} x={x} layer={layer} />
        {known(layer).map(({ entry, value }) => (
          <circle
            key={entry.id}
            cx={xPosition(x, box, layer)}
            cy={yPosition(y, box, value)}
            r={3}
            fill="var(--panel)"
            stroke={runMark(entry.letter).colour}
            strokeWidth={1.5}
          />
        ))}
      </>
    ),
    ...(onOpen && { onOpen }),
  };
}
