/** How a fine-tune grows in weight space: intruders stacked by kind, and the effective rank, over saved checkpoints. */
import { useCallback, useMemo } from "react";
import { formatCount, formatEffectiveRank, formatTick } from "../../src/contract/format.ts";
import { type PlotAxis, type PlotBox, spreadLabels, xPosition, yPosition } from "./axis-helpers.ts";
import { ChartFigure } from "./chart-figure.tsx";
import type { ChartTable } from "./chart-table.ts";
import { Mark } from "./marks.tsx";
import styles from "./plot.module.css";
import { Plot } from "./plot.tsx";
import { ticks } from "./scale.ts";
import { stepAxis } from "./step-chart.tsx";
import { nearestIndex, type Tips } from "./tips.ts";
import type { Size } from "./use-size.ts";

const margins = { left: 40, right: 92, top: 22, bottom: 36 };
const labelGap = 14;
const countTicks = 4;

interface Axes {
  x: PlotAxis;
  y: PlotAxis;
}

function growthAxes(steps: number, highest: number, caption: string): Axes {
  const domain = { low: 0, high: Math.max(highest * 1.08, 1), log: false };
  const whole = ticks(domain, countTicks).filter((value) => highest > countTicks || Number.isInteger(value));
  return {
    x: { ...stepAxis(steps), caption: "step" },
    y: { domain, ticks: whole, format: formatTick, caption },
  };
}

/** The step that the run has reached. */
function Now({ box, x, step }: { box: PlotBox; x: PlotAxis; step: number | undefined }) {
  if (step === undefined) return null;
  const at = xPosition(x, box, step);
  return <line stroke="var(--accent)" x1={at} x2={at} y1={box.top} y2={box.height - box.bottom} />;
}

export interface StackedKind {
  name: string;
  colour: string;
}

export interface IntruderGrowthProps {
  name: string;
  label: string;
  /** From the lowest layer of the stack up. */
  kinds: readonly StackedKind[];
  /** Rising steps; counts in the order of `kinds`. */
  points: readonly { step: number; counts: readonly number[] }[];
  steps: number;
  now: number | undefined;
}

interface Stacked {
  kind: StackedKind;
  layers: { x: number; range: readonly [number, number] }[];
}

export function IntruderGrowthChart({ name, label, kinds, points, steps, now }: IntruderGrowthProps) {
  const stacks = useMemo(() => stackedLayers(kinds, points), [kinds, points]);
  const highest = Math.max(0, ...stacks.flatMap(({ layers }) => layers.map(({ range }) => range[1])));
  const axes = useMemo(() => growthAxes(steps, highest, "intruder dimensions, all modules"), [steps, highest]);
  const bands = useMemo(
    () => stacks.map(({ kind, layers }) => ({ id: kind.name, points: layers, colour: kind.colour })),
    [stacks],
  );
  const lines = useMemo(
    () =>
      stacks.map(({ kind, layers }) => ({
        id: kind.name,
        colour: kind.colour,
        points: layers.map(({ x, range }) => ({ x, y: range[1] })),
      })),
    [stacks],
  );
  const table = useMemo(() => intruderTable(kinds, points), [kinds, points]);
  const draw = useCallback(
    (size: Size) => {
      const box = { ...size, ...margins };
      return (
        <Plot box={box} {...axes} bands={bands} lines={lines}>
          <Now box={box} x={axes.x} step={now} />
          <LonePoints box={box} axes={axes} stacks={stacks} />
          <KindLabels box={box} axes={axes} stacks={stacks} now={now} />
        </Plot>
      );
    },
    [axes, bands, lines, stacks, now],
  );
  const tips = useCallback(
    (size: Size) => intruderTips({ ...size, ...margins }, axes, kinds, points),
    [axes, kinds, points],
  );
  return (
    <ChartFigure name={name} title="Intruder growth" label={label} table={table} tips={tips} minHeight={180}>
      {draw}
    </ChartFigure>
  );
}

function stackedLayers(kinds: readonly StackedKind[], points: IntruderGrowthProps["points"]): Stacked[] {
  return kinds.map((kind, index) => ({
    kind,
    layers: points.map(({ step, counts }) => {
      const below = counts.slice(0, index).reduce((sum, count) => sum + count, 0);
      return { x: step, range: [below, below + (counts[index] ?? 0)] as const };
    }),
  }));
}

function intruderTable(kinds: readonly StackedKind[], points: IntruderGrowthProps["points"]): ChartTable {
  return {
    columns: ["step", ...kinds.map(({ name }) => name), "all"],
    rows: points.map(({ step, counts }) => [step, ...counts, counts.reduce((sum, count) => sum + count, 0)]),
  };
}

interface StackProps {
  box: PlotBox;
  axes: Axes;
  stacks: readonly Stacked[];
}

/** One checkpoint alone makes no line. */
function LonePoints({ box, axes, stacks }: StackProps) {
  return stacks.map(({ kind, layers }) => {
    const [only] = layers;
    if (layers.length !== 1 || !only) return null;
    const place = { x: xPosition(axes.x, box, only.x), y: yPosition(axes.y, box, only.range[1]) };
    return <Mark key={kind.name} shape="square" {...place} fill={kind.colour} stroke={kind.colour} />;
  });
}

function KindLabels({ box, axes, stacks, now }: StackProps & { now: number | undefined }) {
  const named = stacks.flatMap(({ kind, layers }) => {
    const last = layers.at(-1);
    return last && last.range[1] > last.range[0] ? [{ kind, last }] : [];
  });
  const middles = named.map(({ last }) => yPosition(axes.y, box, (last.range[0] + last.range[1]) / 2));
  const heights = spreadLabels(middles, labelGap, box.top, box.height - box.bottom);
  const end = Math.max(...named.map(({ last }) => last.x), now ?? 0);
  const x = Math.min(xPosition(axes.x, box, end), box.width - box.right) + 6;
  return named.map(({ kind, last }, index) => (
    <text key={kind.name} className={styles.label} x={x} y={(heights[index] ?? 0) + 4}>
      {kind.name} {last.range[1] - last.range[0]}
    </text>
  ));
}

function intruderTips(
  box: PlotBox,
  { x, y }: Axes,
  kinds: readonly StackedKind[],
  points: IntruderGrowthProps["points"],
): Tips {
  const positions = points.map(({ step }) => xPosition(x, box, step));
  const totals = points.map(({ counts }) => counts.reduce((sum, count) => sum + count, 0));
  return {
    count: points.length,
    at: (index) => ({ x: positions[index] ?? 0, y: yPosition(y, box, totals[index] ?? 0) }),
    nearest: (px) => nearestIndex(positions, px),
    describe: (index) => ({
      title: `Step ${formatCount(points[index]?.step)}`,
      rows: [
        { label: "intruders", value: formatCount(totals[index]), tone: "intruder" as const },
        ...kinds.map(({ name }, kind) => ({ label: name, value: formatCount(points[index]?.counts[kind]) })),
      ],
    }),
  };
}

export interface RankGrowthProps {
  name: string;
  label: string;
  /** Rising steps; median and range over modules. */
  points: readonly { step: number; median: number; low: number; high: number }[];
  steps: number;
  now: number | undefined;
  /** Rank of the adapter. */
  limit: number | undefined;
  colour: string;
}

export function RankGrowthChart({ name, label, points, steps, now, limit, colour }: RankGrowthProps) {
  const highest = Math.max(0, limit ?? 0, ...points.map(({ high }) => high));
  const axes = useMemo(() => growthAxes(steps, highest, "effective rank of ΔW"), [steps, highest]);
  const bands = useMemo(
    () => [
      { id: "range", colour, points: points.map(({ step, low, high }) => ({ x: step, range: [low, high] as const })) },
    ],
    [points, colour],
  );
  const lines = useMemo(
    () => [{ id: "median", colour, width: 1.8, points: points.map(({ step, median }) => ({ x: step, y: median })) }],
    [points, colour],
  );
  const table = useMemo(
    () => ({
      columns: ["step", "median", "lowest", "highest"],
      rows: points.map(({ step, median, low, high }) => [step, median, low, high]),
    }),
    [points],
  );
  const draw = useCallback(
    (size: Size) => {
      const box = { ...size, ...margins };
      return (
        <Plot box={box} {...axes} bands={bands} lines={lines}>
          <RankLimit box={box} y={axes.y} limit={limit} />
          <Now box={box} x={axes.x} step={now} />
          <RankMarks box={box} axes={axes} points={points} colour={colour} now={now} />
        </Plot>
      );
    },
    [axes, bands, lines, limit, now, points, colour],
  );
  const tips = useCallback((size: Size) => rankTips({ ...size, ...margins }, axes, points), [axes, points]);
  return (
    <ChartFigure name={name} title="Effective-rank growth" label={label} table={table} tips={tips} minHeight={180}>
      {draw}
    </ChartFigure>
  );
}

function RankLimit({ box, y, limit }: { box: PlotBox; y: PlotAxis; limit: number | undefined }) {
  if (limit === undefined) return null;
  const at = yPosition(y, box, limit);
  return (
    <>
      <line className={styles.reference} x1={box.left} x2={box.width - box.right} y1={at} y2={at} />
      <text className={styles.label} x={box.width - box.right + 6} y={at + 4}>
        limit {limit}
      </text>
    </>
  );
}

interface RankMarksProps {
  box: PlotBox;
  axes: Axes;
  points: RankGrowthProps["points"];
  colour: string;
  now: number | undefined;
}

function RankMarks({ box, axes, points, colour, now }: RankMarksProps) {
  const last = points.at(-1);
  const end = last && Math.min(xPosition(axes.x, box, Math.max(last.step, now ?? 0)), box.width - box.right);
  return (
    <>
      {points.map(({ step, median, low, high }) => (
        <g key={step}>
          {points.length === 1 && (
            <line
              stroke={colour}
              opacity={0.4}
              x1={xPosition(axes.x, box, step)}
              x2={xPosition(axes.x, box, step)}
              y1={yPosition(axes.y, box, low)}
              y2={yPosition(axes.y, box, high)}
            />
          )}
          <Mark
            shape="square"
            x={xPosition(axes.x, box, step)}
            y={yPosition(axes.y, box, median)}
            size={2.4}
            fill="var(--panel)"
            stroke={colour}
          />
        </g>
      ))}
      {last && end !== undefined && (
        <text className={styles.label} x={end + 6} y={yPosition(axes.y, box, last.median) + 4}>
          median {formatEffectiveRank(last.median)}
        </text>
      )}
    </>
  );
}

function rankTips(box: PlotBox, { x, y }: Axes, points: RankGrowthProps["points"]): Tips {
  const positions = points.map(({ step }) => xPosition(x, box, step));
  return {
    count: points.length,
    at: (index) => ({ x: positions[index] ?? 0, y: yPosition(y, box, points[index]?.median ?? 0) }),
    nearest: (px) => nearestIndex(positions, px),
    describe: (index) => ({
      title: `Step ${formatCount(points[index]?.step)}`,
      rows: [
        { label: "median", value: formatEffectiveRank(points[index]?.median) },
        { label: "lowest", value: formatEffectiveRank(points[index]?.low) },
        { label: "highest", value: formatEffectiveRank(points[index]?.high) },
      ],
    }),
  };
}
