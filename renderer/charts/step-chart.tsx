/** A quantity over the steps of a training run: lines, points where it is measured now and then, a reference. */
import { useCallback, useMemo } from "react";
import { formatCount, formatTick } from "../../src/contract/format.ts";
import { type PlotAxis, type PlotBox, type PlotPoint, xPosition, yPosition } from "./axis-helpers.ts";
import { ChartFigure } from "./chart-figure.tsx";
import type { ChartTable } from "./chart-table.ts";
import { Mark, type MarkShape } from "./marks.tsx";
import styles from "./plot.module.css";
import { Plot } from "./plot.tsx";
import { type Domain, ticks } from "./scale.ts";
import { nearestIndex, type Tips } from "./tips.ts";
import type { Size } from "./use-size.ts";

export interface StepLine {
  id: string;
  name: string;
  colour: string;
  dash?: string;
  width?: number;
  opacity?: number;
  /** Rising steps. */
  points: readonly PlotPoint[];
  /** Marks on its points; left out for dense lines. */
  shape?: MarkShape;
  /** A smoothed or planned line has no data of its own. */
  quiet?: boolean;
}

export interface StepChartProps {
  /** File stem for exports. */
  name: string;
  title: string;
  label: string;
  lines: readonly StepLine[];
  /** Planned steps; the axis reaches them. */
  steps: number;
  format: (value: number) => string;
  /** Numbers of the y axis. */
  tick?: (value: number) => string;
  reference?: { value: number; label: string } | undefined;
  /** The axis starts at zero. */
  fromZero?: boolean;
}

const frame = { left: 46, right: 14, top: 10, bottom: 22 };
/** Half of a character of the axes, in pixels. */
const halfCharacter = 3.3;
const fewTicks = 4;

export function StepChart(props: StepChartProps) {
  const { name, title, label, lines, steps, format, tick = formatTick, reference, fromZero = false } = props;
  const { low, high } = useMemo(
    () => valueDomain(lines, { reference: reference?.value, fromZero }),
    [lines, reference, fromZero],
  );
  // A new point within the range moves lines, not axes: only a changed range draws them anew.
  const margins = useMemo(() => marginsOf(steps), [steps]);
  const axes = useMemo(() => stepAxes({ low, high, log: false }, steps, tick), [low, high, steps, tick]);
  const table = useMemo(() => stepTable(lines), [lines]);
  const draw = useCallback(
    (size: Size) => {
      const box = { ...size, ...margins };
      return (
        <Plot box={box} {...axes} lines={lines}>
          <Reference box={box} y={axes.y} reference={reference} />
          <Points box={box} axes={axes} lines={lines} />
        </Plot>
      );
    },
    [axes, lines, reference, margins],
  );
  const tips = useCallback(
    (size: Size) => stepTips({ ...size, ...margins }, axes, lines, format),
    [axes, lines, format, margins],
  );
  return (
    <ChartFigure name={name} title={title} label={label} table={table} tips={tips} minHeight={120}>
      {draw}
    </ChartFigure>
  );
}

/** The last step stands in the middle below its tick, whole. */
function marginsOf(steps: number) {
  return { ...frame, right: Math.max(frame.right, Math.ceil(formatTick(steps).length * halfCharacter)) };
}

interface Axes {
  x: PlotAxis;
  y: PlotAxis;
}

export function stepAxis(steps: number): PlotAxis {
  const domain = { low: 0, high: Math.max(1, steps), log: false };
  return { domain, ticks: stepTicks(domain.high), format: formatTick, caption: "" };
}

/** Round steps, and the last one in the place of a round one that comes too near to it. */
function stepTicks(last: number): number[] {
  const round = ticks({ low: 0, high: last, log: false }, fewTicks + 1);
  const stride = (round[1] ?? last) - (round[0] ?? 0);
  return [...round.filter((step) => step === 0 || last - step >= stride / 2), last];
}

function stepAxes(domain: Domain, steps: number, tick: (value: number) => string): Axes {
  return { x: stepAxis(steps), y: { domain, ticks: ticks(domain, fewTicks), format: tick, caption: "" } };
}

interface ValueRange {
  reference: number | undefined;
  fromZero: boolean;
}

/** Extremes of up to thousands of points, with air; a flat line stands in the middle. */
function valueDomain(lines: readonly StepLine[], { reference, fromZero }: ValueRange): Domain {
  const own = lines.flatMap(({ points }) => points.map(({ y }) => y));
  const values = reference === undefined ? own : [...own, reference];
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) return { low: 0, high: 1, log: false };
  const air = high > low ? (high - low) * 0.06 : Math.abs(high) * 0.5 || 0.5;
  return { low: fromZero ? Math.min(0, low) : low - air, high: high + air, log: false };
}

function stepTable(lines: readonly StepLine[]): ChartTable {
  const own = lines.filter(({ quiet }) => !quiet);
  return {
    columns: ["series", "step", "value"],
    rows: own.flatMap(({ name, points }) => points.map(({ x, y }) => [name, x, y])),
  };
}

function Reference({ box, y, reference }: { box: PlotBox; y: PlotAxis; reference: StepChartProps["reference"] }) {
  if (!reference) return null;
  const at = yPosition(y, box, reference.value);
  return (
    <>
      <line className={styles.reference} x1={box.left} x2={box.width - box.right} y1={at} y2={at} />
      <text className={styles.label} x={box.width - box.right} y={at - 4} textAnchor="end">
        {reference.label}
      </text>
    </>
  );
}

function Points({ box, axes, lines }: { box: PlotBox; axes: Axes; lines: readonly StepLine[] }) {
  return lines.flatMap(({ id, shape, colour, points }) => {
    if (!shape) return [];
    return points.map(({ x, y }) => (
      <Mark
        key={`${id} ${x}`}
        shape={shape}
        x={xPosition(axes.x, box, x)}
        y={yPosition(axes.y, box, y)}
        size={2.4}
        fill={colour}
        stroke={colour}
      />
    ));
  });
}

function stepTips(box: PlotBox, { x, y }: Axes, lines: readonly StepLine[], format: (value: number) => string): Tips {
  const own = lines.filter(({ quiet }) => !quiet);
  const found = own.map(({ points }) => new Map(points.map((point) => [point.x, point.y])));
  const steps = [...new Set(found.flatMap((values) => [...values.keys()]))].sort((a, b) => a - b);
  const positions = steps.map((step) => xPosition(x, box, step));
  const first = (index: number) => found.map((values) => values.get(steps[index] ?? 0)).find(Number.isFinite);
  return {
    count: steps.length,
    at: (index) => ({ x: positions[index] ?? 0, y: yPosition(y, box, first(index) ?? y.domain.low) }),
    nearest: (px) => nearestIndex(positions, px),
    describe: (index) => ({
      title: `Step ${formatCount(steps[index])}`,
      rows: own.flatMap(({ name }, line) => {
        const value = found[line]?.get(steps[index] ?? 0);
        return value === undefined ? [] : [{ label: name, value: format(value) }];
      }),
    }),
  };
}
