/** Cumulative energy E(k) of one module: ΔW with its k50 … k99, W0, and other runs on demand. */
import { useCallback, useMemo } from "react";
import { formatShare, formatShareTick, formatTick } from "../../src/contract/format.ts";
import {
  indexTicks,
  type PlotAxis,
  type PlotBox,
  type PlotPoint,
  spectrumIndices,
  spreadLabels,
  xPosition,
  yPosition,
} from "./axis-helpers.ts";
import { ChartFigure } from "./chart-figure.tsx";
import type { ChartTable } from "./chart-table.ts";
import { baseMark, Mark, runMark } from "./marks.tsx";
import styles from "./plot.module.css";
import { Plot, type PlotLine } from "./plot.tsx";
import { RunLabel } from "./run-label.tsx";
import { nearestIndex, type Tips } from "./tips.ts";
import type { Size } from "./use-size.ts";

/** One curve; `energy[k − 1]` is E(k). */
export interface EnergySeries {
  id: string;
  /** Letter of the run; undefined for the base. */
  letter: string | undefined;
  label: string;
  energy: readonly number[];
}

export interface EnergyCurveProps {
  name: string;
  label: string;
  /** The run in question, whose k50 … k99 are marked. */
  main: EnergySeries;
  others: readonly EnergySeries[];
  /** Marked shares with their k. */
  marks: readonly { name: string; k: number }[];
  /** Length of the whole spectrum. */
  size: number;
}

const margins = { left: 44, right: 16, top: 22, bottom: 34 };
const y: PlotAxis = {
  domain: { low: 0, high: 1, log: false },
  ticks: [0, 0.25, 0.5, 0.75, 1],
  format: formatShareTick,
  caption: "share of squared norm, E(k)",
};

export function EnergyCurve({ name, label, main, others, marks, size }: EnergyCurveProps) {
  const x = useMemo(() => directionsAxis(size), [size]);
  const series = useMemo(() => [...others, main], [others, main]);
  const lines = useMemo(() => series.map((entry) => energyLine(entry, entry === main, size)), [series, main, size]);
  const table = useMemo(() => energyTable(series, size), [series, size]);
  const draw = useCallback(
    (space: Size) => {
      const box = { ...space, ...margins };
      return (
        <Plot box={box} x={x} y={y} lines={lines}>
          <EnergyMarks box={box} x={x} main={main} marks={marks} />
          {others.map((entry, index) => (
            <CurveName key={entry.id} {...{ box, x, entry, index, size }} />
          ))}
        </Plot>
      );
    },
    [x, lines, main, marks, others, size],
  );
  const tips = useCallback(
    (space: Size) => energyTips({ ...space, ...margins }, x, series.toReversed(), size),
    [x, series, size],
  );
  return (
    <ChartFigure name={name} title="Cumulative energy" label={label} table={table} tips={tips}>
      {draw}
    </ChartFigure>
  );
}

export function directionsAxis(size: number): PlotAxis {
  const last = Math.max(2, size);
  return {
    domain: { low: 1, high: last, log: true },
    ticks: indexTicks(last),
    format: formatTick,
    caption: "k directions kept",
  };
}

function energyLine(entry: EnergySeries, main: boolean, size: number): PlotLine {
  const mark = entry.letter === undefined ? baseMark : runMark(entry.letter);
  return {
    id: entry.id,
    points: energyPoints(entry.energy, size),
    colour: mark.colour,
    dash: mark.dash,
    width: main ? 1.9 : 1.6,
  };
}

/** A spectrum that ends early holds all its energy from there on. */
function energyPoints(energy: readonly number[], size: number): PlotPoint[] {
  const points = spectrumIndices(energy.length).map((index) => ({ x: index + 1, y: energy[index] ?? 0 }));
  const whole = (energy.at(-1) ?? 0) > 1 - 1e-6;
  return whole && energy.length < size ? [...points, { x: size, y: 1 }] : points;
}

/** E(k); 1 beyond the end of a whole spectrum, undefined beyond the end of a partial one. */
function valueAt(energy: readonly number[], k: number): number | undefined {
  if (k <= energy.length) return energy[k - 1];
  return (energy.at(-1) ?? 0) > 1 - 1e-6 ? 1 : undefined;
}

function energyTable(series: readonly EnergySeries[], size: number): ChartTable {
  return {
    columns: ["k", ...series.map(({ label }) => label)],
    rows: spectrumIndices(size).map((index) => [
      index + 1,
      ...series.map(({ energy }) => valueAt(energy, index + 1) ?? null),
    ]),
  };
}

function energyTips(box: PlotBox, x: PlotAxis, series: readonly EnergySeries[], size: number): Tips {
  const indices = spectrumIndices(size);
  const positions = indices.map((index) => xPosition(x, box, index + 1));
  const known = (at: number) =>
    series.flatMap((entry) => {
      const value = valueAt(entry.energy, (indices[at] ?? 0) + 1);
      return value === undefined ? [] : [{ entry, value }];
    });
  return {
    count: indices.length,
    at: (at) => ({ x: positions[at] ?? 0, y: yPosition(y, box, known(at)[0]?.value ?? 0) }),
    nearest: (px) => nearestIndex(positions, px),
    describe: (at) => ({
      title: `k = ${(indices[at] ?? 0) + 1}`,
      rows: known(at).map(({ entry, value }) => ({ label: entry.label, value: formatShare(value) })),
    }),
    mark: (at) => {
      const px = positions[at] ?? 0;
      return (
        <g>
          <line className={styles.cursor} x1={px} x2={px} y1={box.top} y2={box.height - box.bottom} />
          {known(at).map(({ entry, value }) => (
            <circle key={entry.id} className={styles.dot} cx={px} cy={yPosition(y, box, value)} r={3} />
          ))}
        </g>
      );
    },
  };
}

interface PlacedMark {
  name: string;
  k: number;
  px: number;
  py: number;
  /** Below right of its point (flat end, beside the axis); else above left of a rising curve. */
  right: boolean;
}

const nameGap = 13;

/** Heights of the names of marks; those on one side keep clear of each other. */
function markHeights(marks: readonly PlacedMark[], box: PlotBox): Map<string, number> {
  const heights = new Map<string, number>();
  for (const side of [true, false]) {
    const own = marks.filter(({ right }) => right === side);
    const wanted = own.map(({ py }) => (side ? py + 14 : py - 3));
    const spread = spreadLabels(wanted, nameGap, box.top, box.height - box.bottom - 4);
    for (const [index, { name }] of own.entries()) heights.set(name, spread[index] ?? 0);
  }
  return heights;
}

function EnergyMarks({
  box,
  x,
  main,
  marks,
}: { box: PlotBox; x: PlotAxis } & Pick<EnergyCurveProps, "main" | "marks">) {
  const colour = main.letter === undefined ? baseMark.colour : runMark(main.letter).colour;
  const placed = marks.map(({ name, k }): PlacedMark => {
    const px = xPosition(x, box, k);
    const py = yPosition(y, box, valueAt(main.energy, k) ?? 1);
    return { name, k, px, py, right: px < box.left + 56 || py < box.top + 10 };
  });
  const heights = markHeights(placed, box);
  return placed.map(({ name, k, px, py, right }) => (
    <g key={name}>
      <line x1={px} x2={px} y1={py} y2={box.height - box.bottom} stroke={colour} strokeDasharray="2 2" />
      <Mark shape="square" x={px} y={py} size={2.6} fill={colour} stroke="none" />
      <text
        className={styles.label}
        x={right ? px + 7 : px - 6}
        y={heights.get(name)}
        textAnchor={right ? "start" : "end"}
      >
        {name} {k}
      </text>
    </g>
  ));
}

/** Energies at which curves are named, so that neighbouring names do not meet. */
const nameHeights = [0.4, 0.55, 0.3, 0.65, 0.2, 0.75, 0.48, 0.35];
/** Room that a name takes along x. */
const nameWidth = 84;

interface CurveNameProps {
  box: PlotBox;
  x: PlotAxis;
  entry: EnergySeries;
  /** Place among the curves beside the main one. */
  index: number;
  size: number;
}

function CurveName({ box, x, entry, index, size }: CurveNameProps) {
  const place = namePlace(box, x, entry, index, size);
  if (!place) return null;
  if (entry.letter !== undefined) return <RunLabel letter={entry.letter} text={entry.label} {...place} />;
  return (
    <text className={styles.label} x={place.x} y={place.y + 4}>
      {entry.label}
    </text>
  );
}

/** Right of a rising curve at a height of its own; under a curve that starts above that height. */
function namePlace(box: PlotBox, x: PlotAxis, { energy }: EnergySeries, index: number, size: number) {
  const first = energy[0];
  if (first === undefined) return undefined;
  const height = nameHeights[index % nameHeights.length] ?? 0.5;
  if (first >= height) {
    const px = box.left + 70 + (index % 3) * nameWidth;
    return { x: px, y: yPosition(y, box, first) + 14 };
  }
  const k = energy.findIndex((value) => value >= height) + 1;
  if (k === 0 || k > size) return undefined;
  return { x: Math.min(xPosition(x, box, k) + 8, box.width - box.right - nameWidth), y: yPosition(y, box, height) + 8 };
}
