/** Risk of full fine-tuning and of LoRA along one axis: lines of closed forms, simulated means, bands, crossovers. */
import { useCallback, useMemo } from "react";
import { formatTick } from "../../src/contract/format.ts";
import { logDomain, type PlotAxis, type PlotBox, type PlotPoint } from "./axis-helpers.ts";
import { ChartFigure } from "./chart-figure.tsx";
import type { ChartTable } from "./chart-table.ts";
import type { MarkShape } from "./marks.tsx";
import { Plot, type PlotLine } from "./plot.tsx";
import { Crossings, EndLabels, Guides, Levels, Means, Shade, Spots } from "./risk-layers.tsx";
import { type RiskAxes, riskTips } from "./risk-tips.ts";
import { type Domain, ticks } from "./scale.ts";
import type { Size } from "./use-size.ts";

/** A mean over random data with its standard error. */
export interface RiskMean {
  x: number;
  mean: number;
  se: number;
}

export interface RiskSeries {
  id: string;
  /** "FFT", "r 10": written at the end of the line. */
  name: string;
  colour: string;
  shape: MarkShape;
  /** Lines of approximations are dashed, and their numbers carry "≈". */
  estimated: boolean;
  points: readonly PlotPoint[];
  means?: readonly RiskMean[];
  /** Mean ± one standard deviation of a replicate. */
  band?: readonly { x: number; range: readonly [number, number] }[];
  /** A line beside the one that counts. */
  quiet?: boolean;
  strong?: boolean;
}

export interface RiskAxis {
  caption: string;
  log: boolean;
  /** From the data where left out. */
  domain?: readonly [number, number] | undefined;
  ticks?: readonly number[];
}

export interface RiskChartProps {
  name: string;
  title: string;
  label: string;
  x: RiskAxis;
  y: RiskAxis;
  series: readonly RiskSeries[];
  /** Vertical lines: n = d, your n. */
  guides?: readonly { x: number; text: string; accent?: boolean }[];
  /** Horizontal lines: one method's risk, which does not depend on x. */
  levels?: readonly { y: number; text: string; colour: string }[];
  crossings?: readonly { x: number; y: number; text: string }[];
  /** Single places that stand out. */
  spots?: readonly { x: number; y: number; text: string; colour: string; quiet?: boolean }[];
  /** The range below this x is shaded. */
  shade?: { below: number; text: string } | undefined;
  standing: string;
  minHeight?: number;
}

const margins = { left: 56, right: 52, top: 22, bottom: 34 };
const none: readonly never[] = [];

export function RiskChart(props: RiskChartProps) {
  const { name, title, label, x, y, series, standing, minHeight = 200 } = props;
  const { guides = none, levels = none, crossings = none, spots = none, shade } = props;
  const axes = useMemo(() => riskAxes(x, y, series), [x, y, series]);
  const lines = useMemo(() => series.map(riskLine), [series]);
  const bands = useMemo(() => series.flatMap(riskBand), [series]);
  const table = useMemo(() => riskTable(x.caption, series), [x, series]);
  const draw = useCallback(
    (size: Size) => {
      const box = { ...size, ...margins };
      const place = { box, axes };
      return (
        <Plot box={box} {...axes} lines={lines} bands={bands} fullGrid ground={<Shade {...place} shade={shade} />}>
          <Levels {...place} levels={levels} />
          <Guides {...place} guides={guides} />
          <Means {...place} series={series} />
          <Spots {...place} spots={spots} />
          <Crossings {...place} crossings={crossings} />
          <EndLabels {...place} series={series} />
        </Plot>
      );
    },
    [axes, lines, bands, series, guides, levels, crossings, spots, shade],
  );
  const tips = useCallback(
    (size: Size) => riskTips(boxOf(size), axes, series, x.caption, standing),
    [axes, series, x, standing],
  );
  return (
    <ChartFigure name={name} title={title} label={label} table={table} tips={tips} minHeight={minHeight}>
      {draw}
    </ChartFigure>
  );
}

function boxOf(size: Size): PlotBox {
  return { ...size, ...margins };
}

function riskAxes(x: RiskAxis, y: RiskAxis, series: readonly RiskSeries[]): RiskAxes {
  const points = series.flatMap(({ points: line, means = [] }) => [
    ...line,
    ...means.map((mean) => ({ x: mean.x, y: mean.mean })),
  ]);
  return {
    x: axisOf(
      x,
      points.map((point) => point.x),
      1,
    ),
    y: axisOf(
      y,
      points.map((point) => point.y),
      1.25,
    ),
  };
}

function axisOf({ caption, log, domain, ticks: given }: RiskAxis, values: readonly number[], air: number): PlotAxis {
  const known = values.filter(Number.isFinite);
  const shown: Domain = domain
    ? { low: domain[0], high: domain[1], log }
    : log
      ? (logDomain(known, air) ?? { low: 1, high: 10, log })
      : { low: Math.min(0, ...known), high: Math.max(...known, 0) || 1, log };
  return { domain: shown, ticks: given ?? ticks(shown, 6), format: formatTick, caption };
}

function riskLine({ id, points, colour, estimated, quiet, strong }: RiskSeries): PlotLine {
  return { id, points, colour, dash: estimated ? "5 3" : undefined, width: strong ? 2.2 : quiet ? 1.2 : 1.7 };
}

function riskBand({ id, band, colour }: RiskSeries) {
  return band ? [{ id, points: band, colour }] : [];
}

function riskTable(caption: string, series: readonly RiskSeries[]): ChartTable {
  const places = [...new Set(series.flatMap(({ points, means = [] }) => [...points, ...means].map(({ x }) => x)))];
  places.sort((one, other) => one - other);
  const columns = series.flatMap(({ name, estimated }) => [
    estimated ? `≈ ${name}` : name,
    `${name}, simulated`,
    `${name}, standard error`,
  ]);
  const rows = places.map((x) => [
    x,
    ...series.flatMap(({ points, means = [] }) => {
      const mean = means.find((candidate) => candidate.x === x);
      const value = points.find((point) => point.x === x)?.y;
      return [Number.isFinite(value) ? (value ?? null) : null, mean?.mean ?? null, mean?.se ?? null];
    }),
  ]);
  return { columns: [caption, ...columns], rows };
}
