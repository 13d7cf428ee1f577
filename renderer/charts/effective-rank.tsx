/** Effective rank of ΔW by layer: per run the median over the layer's modules, their range as a band, rank limits. */
import { useCallback, useMemo } from "react";
import { formatEffectiveRank, formatTick } from "../../src/contract/format.ts";
import {
  layerTicks,
  logDomain,
  type PlotAxis,
  type PlotBox,
  spreadLabels,
  xPosition,
  yPosition,
} from "./axis-helpers.ts";
import { ChartFigure } from "./chart-figure.tsx";
import type { ChartTable } from "./chart-table.ts";
import { Mark, runMark } from "./marks.tsx";
import styles from "./plot.module.css";
import { Plot } from "./plot.tsx";
import { RunLabel } from "./run-label.tsx";
import { ticks } from "./scale.ts";
import { nearestIndex, type Tips } from "./tips.ts";
import type { Size } from "./use-size.ts";

export interface RankByLayer {
  layer: number;
  median: number;
  low: number;
  high: number;
  modules: number;
}

export interface RankSeries {
  run: string;
  letter: string;
  label: string;
  layers: readonly RankByLayer[];
  /** Rank of the adapter; undefined for full runs. */
  limit: number | undefined;
}

interface EffectiveRankProps {
  name: string;
  label: string;
  caption: string;
  series: readonly RankSeries[];
}

const margins = { left: 44, right: 96, top: 20, bottom: 32 };
const labelGap = 17;
const longestName = 12;

export function EffectiveRankChart({ name, label, caption, series }: EffectiveRankProps) {
  const axes = useMemo(() => rankAxes(series, caption), [series, caption]);
  const table = useMemo(() => rankTable(series), [series]);
  const bands = useMemo(() => series.map(rankBand), [series]);
  const lines = useMemo(() => series.map(rankLine), [series]);
  const draw = useCallback(
    (space: Size) => {
      const box = { ...space, ...margins };
      return (
        <Plot
          box={box}
          {...axes}
          bands={bands}
          lines={lines}
          ground={<RankLimits box={box} axes={axes} series={series} />}
        >
          <LayerMarks box={box} axes={axes} series={series} />
          <EndLabels box={box} axes={axes} series={series} />
        </Plot>
      );
    },
    [axes, series, bands, lines],
  );
  const tips = useCallback((space: Size) => rankTips({ ...space, ...margins }, axes, series), [axes, series]);
  return (
    <ChartFigure name={name} title="Effective rank by layer" label={label} table={table} tips={tips}>
      {draw}
    </ChartFigure>
  );
}

interface Axes {
  x: PlotAxis;
  y: PlotAxis;
}

function rankAxes(series: readonly RankSeries[], caption: string): Axes {
  const layers = series.flatMap((entry) => entry.layers.map(({ layer }) => layer));
  const first = Math.min(...layers);
  const last = Math.max(...layers);
  const values = series.flatMap((entry) => [...entry.layers.flatMap(({ low, high }) => [low, high]), entry.limit ?? 0]);
  const domain = logDomain(values, 1.3) ?? { low: 1, high: 10, log: true };
  return {
    x: {
      // A single layer stands in the middle of its axis.
      domain:
        first === last ? { low: first - 0.5, high: last + 0.5, log: false } : { low: first, high: last, log: false },
      ticks: layerTicks(first, last),
      format: formatTick,
      caption: "layer",
    },
    y: { domain, ticks: ticks(domain, 6), format: formatTick, caption },
  };
}

function rankBand(entry: RankSeries) {
  return {
    id: entry.run,
    colour: runMark(entry.letter).colour,
    points: entry.layers.map(({ layer, low, high }) => ({ x: layer, range: [low, high] as const })),
  };
}

function rankLine(entry: RankSeries) {
  const { colour, dash } = runMark(entry.letter);
  return {
    id: entry.run,
    colour,
    dash,
    width: 1.8,
    points: entry.layers.map(({ layer, median }) => ({ x: layer, y: median })),
  };
}

function rankTable(series: readonly RankSeries[]): ChartTable {
  return {
    columns: ["run", "layer", "median", "lowest", "highest", "modules"],
    rows: series.flatMap((entry) =>
      entry.layers.map(({ layer, median, low, high, modules }) => [entry.label, layer, median, low, high, modules]),
    ),
  };
}

interface PartProps {
  box: PlotBox;
  axes: Axes;
  series: readonly RankSeries[];
}

function RankLimits({ box, axes: { y }, series }: PartProps) {
  const limits = [...new Set(series.flatMap(({ limit }) => (limit === undefined ? [] : [limit])))];
  return limits.map((limit) => {
    const py = yPosition(y, box, limit);
    return <line key={limit} className={styles.reference} x1={box.left} x2={box.width - box.right} y1={py} y2={py} />;
  });
}

/** Enough markers to tell lines apart without hiding them. */
const mostMarks = 6;

function LayerMarks({ box, axes: { x, y }, series }: PartProps) {
  return series.flatMap(({ run, letter, layers }) => {
    const every = Math.ceil(layers.length / mostMarks);
    const { colour, shape } = runMark(letter);
    return layers
      .filter((_, index) => index % every === Math.floor(every / 3))
      .map(({ layer, median }) => (
        <Mark
          key={`${run}-${layer}`}
          shape={shape}
          x={xPosition(x, box, layer)}
          y={yPosition(y, box, median)}
          size={2.6}
          fill="var(--panel)"
          stroke={colour}
        />
      ));
  });
}

function EndLabels({ box, axes: { y }, series }: PartProps) {
  const named = series.filter(({ layers }) => layers.length > 0);
  const heights = named.map(({ layers }) => yPosition(y, box, layers.at(-1)?.median ?? 1));
  const placed = spreadLabels(heights, labelGap, box.top, box.height - box.bottom);
  return named.map(({ run, letter, label }, index) => (
    <RunLabel
      key={run}
      letter={letter}
      text={label.length > longestName ? `${label.slice(0, longestName - 1)}…` : label}
      x={box.width - box.right + 6}
      y={placed[index] ?? 0}
    />
  ));
}

function rankTips(box: PlotBox, { x, y }: Axes, series: readonly RankSeries[]): Tips {
  const layers = [...new Set(series.flatMap((entry) => entry.layers.map(({ layer }) => layer)))].sort((a, b) => a - b);
  const positions = layers.map((layer) => xPosition(x, box, layer));
  const known = (index: number) =>
    series.flatMap((entry) => {
      const found = entry.layers.find(({ layer }) => layer === layers[index]);
      return found ? [{ entry, found }] : [];
    });
  return {
    count: layers.length,
    at: (index) => ({ x: positions[index] ?? 0, y: yPosition(y, box, known(index)[0]?.found.median ?? 1) }),
    nearest: (px) => nearestIndex(positions, px),
    describe: (index) => ({
      title: `Layer ${layers[index]}`,
      rows: known(index).map(({ entry, found }) => ({
        label: `${entry.letter} ${entry.label}`,
        value: `${formatEffectiveRank(found.median)} (${formatEffectiveRank(found.low)}–${formatEffectiveRank(found.high)})`,
      })),
      standing: "median and range over the layer's modules",
    }),
    mark: (index) => (
      <g>
        <line
          className={styles.cursor}
          x1={positions[index]}
          x2={positions[index]}
          y1={box.top}
          y2={box.height - box.bottom}
        />
        {known(index).map(({ entry, found }) => (
          <circle
            key={entry.run}
            className={styles.dot}
            cx={positions[index]}
            cy={yPosition(y, box, found.median)}
            r={3}
          />
        ))}
      </g>
    ),
  };
}
