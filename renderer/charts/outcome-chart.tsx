/** Outcome of a sweep against one axis: means over seeds with intervals, one line per variant. */
import { useCallback, useMemo } from "react";
import { formatNumberOf } from "../../src/contract/format.ts";
import { type PlotAxis, type PlotBox, spreadLabels, xPosition, yPosition } from "./axis-helpers.ts";
import { ChartFigure } from "./chart-figure.tsx";
import type { ChartTable } from "./chart-table.ts";
import { Mark, runMark } from "./marks.tsx";
import styles from "./plot.module.css";
import { Plot } from "./plot.tsx";
import { ticks } from "./scale.ts";
import type { Tips } from "./tips.ts";
import type { Size } from "./use-size.ts";

export interface OutcomePoint {
  x: number;
  mean: number;
  low: number | null;
  high: number | null;
  seeds: number;
}

export interface OutcomeSeries {
  name: string;
  /** Its colour, dash and shape are those of this run letter. */
  letter: string;
  points: readonly OutcomePoint[];
}

/** Where the lead changes; the stretch after it is shaded. */
export interface LeadChange {
  at: number;
  from: number;
  to: number;
  text: string;
}

export interface OutcomeChartProps {
  name: string;
  title: string;
  label: string;
  series: readonly OutcomeSeries[];
  /** Points of fewer seeds are open. */
  seeds: number;
  x: { caption: string; log: boolean; format: (value: number) => string };
  /** A share ends at 0 and 1, also where the interval of few seeds does not: its line then runs to the edge. */
  y: {
    caption: string;
    format: (value: number) => string;
    tick: (value: number) => string;
    fromZero: boolean;
    isShare: boolean;
  };
  lead?: LeadChange | undefined;
}

const margins = { left: 48, right: 64, top: 22, bottom: 34 };
const labelGap = 14;
/** Between lines at the same place, in pixels. */
const sidestep = 3;

interface Axes {
  x: PlotAxis;
  y: PlotAxis;
}

export function OutcomeChart({ name, title, label, series, seeds, x, y, lead }: OutcomeChartProps) {
  const axes = useMemo(() => outcomeAxes(series, x, y), [series, x, y]);
  const lines = useMemo(
    () =>
      series.map((entry) => {
        const { colour, dash } = runMark(entry.letter);
        return { id: entry.name, colour, dash, width: 1.7, points: entry.points.map((p) => ({ x: p.x, y: p.mean })) };
      }),
    [series],
  );
  const table = useMemo(() => outcomeTable(series), [series]);
  const draw = useCallback(
    (size: Size) => {
      const box = { ...size, ...margins };
      return (
        <Plot box={box} {...axes} lines={lines} ground={<Lead box={box} x={axes.x} lead={lead} />}>
          <Marks box={box} axes={axes} series={series} seeds={seeds} />
          <Names box={box} axes={axes} series={series} />
        </Plot>
      );
    },
    [axes, lines, series, seeds, lead],
  );
  const tips = useCallback(
    (size: Size) => outcomeTips({ ...size, ...margins }, axes, { series, seeds, format: y.format }),
    [axes, series, seeds, y],
  );
  return (
    <ChartFigure name={name} title={title} label={label} table={table} tips={tips} minHeight={400}>
      {draw}
    </ChartFigure>
  );
}

function outcomeAxes(series: readonly OutcomeSeries[], x: OutcomeChartProps["x"], y: OutcomeChartProps["y"]): Axes {
  const points = series.flatMap((entry) => entry.points);
  const places = [...new Set(points.map((point) => point.x))].sort((a, b) => a - b);
  const [first, last] = [places[0] ?? 0, places.at(-1) ?? 1];
  const air = x.log ? 1.25 : Math.max((last - first) * 0.06, 0.01);
  const values = points.flatMap(({ mean, low, high }) => [mean, low ?? mean, high ?? mean]);
  const low = Math.min(...values);
  const high = Math.max(...values);
  const room = Math.max((high - low) * 0.08, Math.abs(high) * 0.01, 1e-9);
  const whole = { low: y.fromZero ? 0 : low - room, high: high + room, log: false };
  const domain = y.isShare ? { ...whole, low: Math.max(0, whole.low), high: Math.min(1, whole.high) } : whole;
  return {
    x: {
      domain: x.log
        ? { low: first / air, high: last * air, log: true }
        : { low: first - air, high: last + air, log: false },
      ticks: places,
      format: x.format,
      caption: x.caption,
    },
    y: { domain, ticks: ticks(domain, 6), format: y.tick, caption: y.caption },
  };
}

function outcomeTable(series: readonly OutcomeSeries[]): ChartTable {
  return {
    columns: ["variant", "x", "mean", "low (95 %)", "high (95 %)", "seeds"],
    rows: series.flatMap(({ name, points }) =>
      points.map(({ x, mean, low, high, seeds }) => [name, x, mean, low, high, seeds]),
    ),
  };
}

interface PartProps {
  box: PlotBox;
  axes: Axes;
  series: readonly OutcomeSeries[];
}

/** Lines of the same x stand side by side, so that intervals stay readable. */
function placeOf({ box, axes, series }: PartProps, line: number, { x, mean }: OutcomePoint) {
  const shift = (line - (series.length - 1) / 2) * sidestep;
  return { x: xPosition(axes.x, box, x) + shift, y: yPosition(axes.y, box, mean) };
}

function Lead({ box, x, lead }: { box: PlotBox; x: PlotAxis; lead: LeadChange | undefined }) {
  if (!lead) return null;
  const at = xPosition(x, box, lead.at);
  const [right, bottom] = [box.width - box.right, box.height - box.bottom];
  const onLeft = at > (box.left + right) / 2;
  return (
    <g data-testid="lead-change">
      <rect className={styles.lead} x={at} y={box.top} width={Math.max(0, right - at)} height={bottom - box.top} />
      <line className={styles.reference} x1={at} x2={at} y1={box.top} y2={bottom} />
      <text className={styles.label} x={at + (onLeft ? -6 : 6)} y={bottom - 8} textAnchor={onLeft ? "end" : "start"}>
        {lead.text}
      </text>
    </g>
  );
}

function Marks({ seeds, ...part }: PartProps & { seeds: number }) {
  const { box, axes, series } = part;
  return series.flatMap((entry, line) => {
    const { colour, shape } = runMark(entry.letter);
    return entry.points.map((point) => {
      const at = placeOf(part, line, point);
      const whole = point.seeds >= seeds;
      return (
        <g
          key={`${entry.name} ${point.x}`}
          data-testid={`outcome-${entry.name}-${point.x}`}
          data-open={!whole || undefined}
        >
          {point.low !== null && point.high !== null && (
            <line
              stroke={colour}
              strokeWidth={1.3}
              x1={at.x}
              x2={at.x}
              y1={yPosition(axes.y, box, Math.max(axes.y.domain.low, point.low))}
              y2={yPosition(axes.y, box, Math.min(axes.y.domain.high, point.high))}
            />
          )}
          <Mark shape={shape} {...at} size={2.9} fill={whole ? colour : "var(--panel)"} stroke={colour} />
        </g>
      );
    });
  });
}

function Names({ box, axes, series }: PartProps) {
  const named = series.filter(({ points }) => points.length > 0);
  const heights = named.map(({ points }) => yPosition(axes.y, box, points.at(-1)?.mean ?? 0));
  const placed = spreadLabels(heights, labelGap, box.top, box.height - box.bottom);
  return named.map(({ name, letter }, index) => (
    <text
      key={name}
      className={styles.strong}
      x={box.width - box.right + 6}
      y={(placed[index] ?? 0) + 4}
      fill={runMark(letter).colour}
    >
      {name}
    </text>
  ));
}

/** Farther away, in pixels, the pointer means no point. */
const reach = 24;

interface Told {
  series: readonly OutcomeSeries[];
  seeds: number;
  format: (value: number) => string;
}

function outcomeTips(box: PlotBox, axes: Axes, { series, seeds, format }: Told): Tips {
  const data = series.flatMap((entry, line) =>
    entry.points.map((point) => ({ entry, point, at: placeOf({ box, axes, series }, line, point) })),
  );
  return {
    count: data.length,
    at: (index) => data[index]?.at ?? { x: 0, y: 0 },
    nearest: (x, y) => {
      const distances = data.map(({ at }) => Math.hypot(at.x - x, at.y - y));
      const nearest = Math.min(...distances);
      return nearest <= reach ? distances.indexOf(nearest) : undefined;
    },
    describe: (index) => {
      const datum = data[index];
      if (!datum) return { title: "", rows: [] };
      const { entry, point } = datum;
      const interval =
        point.low === null || point.high === null
          ? []
          : [{ label: "95 % interval", value: `${format(point.low)} – ${format(point.high)}` }];
      return {
        title: `${entry.name}, ${axes.x.caption} ${axes.x.format(point.x)}`,
        rows: [{ label: axes.y.caption, value: format(point.mean) }, ...interval],
        standing: `mean of ${formatNumberOf(point.seeds, "seed")}${point.seeds < seeds ? ` of ${seeds}` : ""}`,
      };
    },
  };
}
